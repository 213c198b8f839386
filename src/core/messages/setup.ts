// What `tmux-gate init`, `login` and `session` say when nothing is wrong; their faults are in setup-faults.ts.
import type { GuardDecision } from '../setup-rules/guard.ts';
import type { Proposal } from '../setup-rules/claims.ts';
import type { LoginRule } from '../identity.ts';
import { sanitizeLine } from '../text.ts';

/** The questions of `init`, by what they ask for. */
export const questions = {
  host: 'Name of this host, as people read it',
  issuer: 'Issuer of the OpenID provider (https://...)',
  clientId: 'Client id',
  secret: 'Client secret (nothing is shown; empty for a public client): ',
  flow: 'How people sign in: device (a code), code (a link), or both',
  approvalClient: 'Client of approval links (empty for none)',
  approvalSecret: 'Its secret (nothing is shown; empty for a public client): ',
  session: 'First session, as people type it',
  runAs: 'Account that it runs as (made if it does not exist)',
  who: 'Groups that may ask for it (comma between them)',
  approvers: 'Groups that approve',
  login: 'First login to gate (a new account; empty for none)',
  key: 'Its public key: a file, the text, or github:NAME',
  loginClaim: 'Claim that names the login',
  stripDomain: 'Mail domain that is cut off it (empty for none)',
  groupsClaim: 'Claim with the groups',
  sure: 'Make these changes? [y/N] ',
} as const;

export const withDefault = (question: string, value: string): string => `${question} [${value}]: `;
export const withoutDefault = (question: string): string => `${question}: `;

export const askingProvider = 'Asking the provider';
export const settingUp = 'Making the changes';
export const waitingForConfirmation = 'Waiting for the confirmation';
export const waitingForSignIn = 'Waiting until you have signed in';
export const undoing = 'Undoing';

export const flowIsCode =
  'The provider has no device_authorization_endpoint: people can sign in by a link only (sign_in.flow: code).';

/** Asks the admin to sign in, so that a real token can be looked at. */
export const signInNow = (link: string, code: string): readonly string[] => [
  'Sign in once as yourself, so that the claims of a real token can be looked at (nothing is kept of it):',
  `  ${link}`,
  `  code ${code}`,
];

/** Asks the admin to sign in by a link, and to paste the address at which the browser ends. */
export const signInByLink = (link: string): readonly string[] => [
  'Sign in once as yourself, so that the claims of a real token can be looked at (nothing is kept of it):',
  `  ${link}`,
  'The browser ends at an address where nothing answers; that is as it should be.',
];
export const pasteAddress = 'Paste that address here (nothing is shown): ';
export const noAddress = 'this is no such address';

/** What a token carries, as rows. */
export const claimsSeen = (rows: readonly (readonly [name: string, value: string])[]): readonly string[] => [
  'Your ID token carries:',
  ...rows.map(([name, value]) => `  ${name.padEnd(20)} ${value}`),
];

const ruleText = (rule: LoginRule): string => {
  if ('map' in rule) return `${rule.claim}, by a table`;
  return rule.stripDomain === undefined ? rule.claim : `${rule.claim} without @${rule.stripDomain}`;
};

/** What is proposed, and what follows from it. */
export function proposed({ login, own, groups, ownGroups, isOverage }: Proposal): readonly string[] {
  const named = own === undefined ? 'it names no login that ssh could have' : `you would be the login ${own}`;
  const list = sanitizeLine(ownGroups.join(', '), 200);
  const ofGroups =
    groups === undefined ? 'none: no claim of your token looks like groups' : `${groups} (yours: ${list})`;
  return [
    `Proposed claims.login:  ${ruleText(login)} (${named})`,
    `Proposed claims.groups: ${ofGroups}`,
    ...(isOverage ? [overage] : []),
  ];
}

const overage =
  'WARNING: the provider left the groups out because there are too many; let it send the groups of this application only.';

export const noRefreshToken =
  'WARNING: the provider gave no refresh token: who is disabled there stays signed in until sign_in.lifetime. Allow the client offline_access.';

export const finding = (verdict: string, why: string, remedy: string | undefined): string =>
  `${verdict.padEnd(7)} ${why}${remedy === undefined ? '' : `; ${remedy}`}`;

export const noChanges = 'Nothing to change: this host is set up as you say.';
export const dryRun = 'Dry run: nothing was changed.';
export const secretFile = (path: string, length: number): string =>
  `+ ${path}: a secret of ${length} characters, not shown`;
export const commandLine = (words: readonly string[]): string => `+ ${words.join(' ')}`;
export const sshdReload = '+ sshd reads its configuration again; nobody is disconnected';
export const notChanged = 'Nothing was changed.';
export const noSystemd = (pid: number): string =>
  `This host has no systemd: process ${pid} undoes the change when nobody confirms it, and a reboot undoes nothing.`;
export const startKeeper = (program: string): string =>
  `This host has no systemd: start the keeper yourself: ${program}`;

/** How to confirm, with the time that is left. */
export const confirmNow = (code: string, seconds: number, host: string): readonly string[] => [
  '',
  `Everything is in place. Prove that you can still log in: within ${seconds} s, from another terminal, open a NEW ssh connection to`,
  `${host} and type there, as root:`,
  '',
  `  tmux-gate init --confirm ${code}`,
  '',
  'Without it everything is undone by itself, also when this connection drops.',
];

export const kept = 'Confirmed: the change is kept. To go back: tmux-gate init --undo';
export const keptUnconfirmed = 'The change is kept, although nobody has shown that they can still log in.';
export const nextSteps = (logins: readonly string[], host: string, session: string): readonly string[] => [
  ...logins.map((login) => `${login} can ask now: ssh -t ${login}@${host} ${session}`),
  'More people: tmux-gate login add NAME --key FILE. More sessions: tmux-gate session add. Is all in order: tmux-gate doctor',
];
export const confirmed = 'Confirmed. The change is kept.';
export const undone = 'Undone: this host is as it was before.';
export const undoneBut = 'Undone, but for this:';

/** Why the guard undid a change. */
export const undoneBecause = (why: Extract<GuardDecision, { act: 'roll-back' }>['why']): string => reasons[why];

const reasons = {
  begun: 'undoing it was begun',
  abandoned: 'it was broken off',
  reboot: 'this host was started again before anybody confirmed it',
  late: 'nobody confirmed it in time',
  killed: 'the program that made it was killed',
} as const;

export const failedToUndo = (what: string, why: string): string => `${what} could not be put back: ${why}`;
export const wasChanged = (path: string, copy: string): string =>
  `${path} was changed since; it is as before, and what it held is in ${copy}`;
export const linkStays = (path: string): string => `${path} leads elsewhere now, and stays`;
export const folderStays = (path: string): string => `${path} is not empty, and stays`;
export const homeStays = (home: string): string => `${home} holds files that were made since, and stays`;
export const otherAccount = (name: string): string => `the account ${name} is another one now, and stays`;
export const accountStays = (name: string, why: string): string => `the account ${name} stays: ${why}`;
export const accountsChanged = (paths: string): string =>
  `${paths}: other accounts were changed since; what was added is gone, the rest stays, with the copies of the tools (passwd-)`;

/** Of a login that was gated before setup, and that `login remove` took away since. */
export const notBroughtBack = (name: string, keys: number, member: boolean): string =>
  `the login ${name} was gated before, and login remove took ${[
    ...(keys === 0 ? [] : [keys === 1 ? 'its key' : `its ${keys} keys`]),
    ...(member ? ['its group'] : []),
  ].join(' and ')} away: that does not come back`;

export const loginAdded = (login: string, keys: readonly string[]): string =>
  `${login} is gated, with ${keys.join(', ')}`;
export const loginRemoved = (login: string, within: string): readonly string[] => [
  `${login} cannot log in any more: keys and group are gone.`,
  `Whoever is connected by it is disconnected within ${within} (sign_in.recheck); at once: tmux-gate lock ${login} --reason ...`,
];
export const accountRemoved = (login: string): string => `The account ${login}, which tmux-gate made, is removed.`;
export const accountLeft = (login: string, why: string): string => `The account ${login} stays: ${why}`;
export const foundAccount = 'tmux-gate did not make it';

export const loginRow = (login: string, keys: number, account: string): string =>
  `${login.padEnd(24)} ${String(keys).padStart(3)} ${keys === 1 ? 'key ' : 'keys'}  ${account}`;
export const noLogins = 'There is no gated login yet: tmux-gate login add NAME --key FILE';
export const accountMissing = 'there is no such account';
export const accountMade = 'made by tmux-gate';
export const accountFound = 'was there before';

export const sessionAdded = (name: string): string => `Session ${name} is in the policy.`;
export const policyReloaded = 'The keeper has taken the new policy.';
export const reloadYourself = 'The keeper has not taken it yet: tmux-gate reload';
export const keeperDown = 'No keeper runs; the policy counts when it starts: systemctl start tmux-gate';
