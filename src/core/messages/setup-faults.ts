// What ends `tmux-gate init`, `login` and `session`: code, exit code, sentence and hint, for root.
import { commandExits } from '../exits.ts';
import type { AccountFault } from '../setup-rules/account-ids.ts';
import type { KeyProblem } from '../setup-rules/public-keys.ts';
import { sanitizeLine } from '../text.ts';

/** A fault of a command of the host. */
export interface Fault {
  readonly code: string;
  readonly exit: number;
  /** One sentence. */
  readonly say: string;
  readonly hint: string;
}

const { usage, data, noInput, unavailable, os, noperm, cantCreate, tempfail, ioError } = commandExits;
const shown = (text: string): string => sanitizeLine(text, 200);

export const toolMissing = (name: string): Fault => ({
  ...{ code: 'TOOL_MISSING', exit: unavailable, say: `${name} is not installed on this host.` },
  hint: 'install the packages openssh-server, sudo, passwd, tmux and util-linux',
});

export const toolFailed = (command: string, said: string): Fault => ({
  ...{ code: 'TOOL_FAILED', exit: os, say: `This failed: ${shown(command)}.` },
  hint: said === '' ? 'run it by hand to see why' : shown(said),
});

export const unfitFile = (path: string): Fault => ({
  ...{ code: 'UNFIT_FILE', exit: data, say: `${shown(path)} is no ordinary file, or larger than 4 MiB.` },
  hint: 'look at it, and move it away',
});

export const changePending: Fault = {
  ...{ code: 'CHANGE_PENDING', exit: tempfail, say: 'Another change of this host waits for its confirmation.' },
  hint: 'confirm it from a new ssh login, or undo it: tmux-gate init --undo',
};

export const journalUnread = (path: string): Fault => ({
  ...{ code: 'SETUP_JOURNAL', exit: data, say: `${shown(path)} is damaged.` },
  hint: 'nothing is undone by a part of it; compare /etc with a backup, then move the file away',
});

export const sshdRefuses = (said: string): Fault => ({
  ...{ code: 'SSHD_REFUSES', exit: data, say: `sshd does not accept the configuration: ${shown(said)}` },
  hint: 'nothing was left changed; look at the files in /etc/ssh/sshd_config.d',
});

export const sudoRefuses = (said: string): Fault => ({
  ...{ code: 'SUDO_REFUSES', exit: data, say: `visudo does not accept the rules of sudo: ${shown(said)}` },
  hint: 'nothing was left changed; look with: visudo -c',
});

/** Classic sudo is installed beside sudo-rs on Ubuntu. */
export const sudoNotClassic: Fault = {
  ...{
    code: 'SUDO_RS',
    exit: unavailable,
    say: 'The sudo of this host is sudo-rs, which has no settings for a single command.',
  },
  hint: 'apt-get install sudo, then: update-alternatives --set sudo /usr/bin/sudo.ws',
};

export const policyRefused = (path: string, problems: readonly string[]): Fault => ({
  ...{ code: 'POLICY_REFUSED', exit: data },
  say: `${shown(path)} would not be in order: ${problems.map(shown).join(' ')}`,
  hint: 'nothing was left changed; docs/policy.md says what each key takes',
});

export const policyUnread: Fault = {
  ...{ code: 'POLICY_UNREAD', exit: data, say: 'The policy cannot be read, so nothing is added to it.' },
  hint: 'look with: tmux-gate policy check',
};

export const noPolicy = (path: string): Fault => ({
  ...{ code: 'NO_POLICY', exit: noInput, say: `${shown(path)} does not exist.` },
  hint: 'make it first: tmux-gate init',
});

export const sessionThere = (name: string): Fault => ({
  ...{ code: 'SESSION_THERE', exit: cantCreate, say: `The policy has a session ${shown(name)} already.` },
  hint: 'edit it in /etc/tmux-gate/config.yaml, then: tmux-gate policy check',
});

export const policyThere = (keys: readonly string[]): Fault => ({
  ...{ code: 'POLICY_THERE', exit: cantCreate },
  say: `/etc/tmux-gate/config.yaml is there and says something else: ${keys.join(', ')}.`,
  hint: 'edit it by hand, or go back first: tmux-gate init --undo',
});

export const notInstalled: Fault = {
  ...{ code: 'NOT_INSTALLED', exit: unavailable },
  say: 'The service account and group of tmux-gate, or its templates, are missing on this host.',
  hint: 'install the package, or from a checkout: ./deploy/install.sh',
};

export const inSandbox: Fault = {
  ...{
    code: 'SANDBOX',
    exit: unavailable,
    say: 'This tmux-gate runs in a sandbox, which has no host of its own to set up.',
  },
  hint: 'use the installed one: /usr/sbin/tmux-gate',
};

export const noFreeUid: Fault = {
  ...{ code: 'NO_FREE_UID', exit: os, say: 'No uid is left for a new account.' },
  hint: 'look at UID_MIN and UID_MAX in /etc/login.defs',
};

type Unfit = AccountFault | 'group' | 'gated' | 'home' | 'shell' | 'name';

const unfit: Readonly<Record<Unfit, string>> = {
  root: 'it is root',
  yourself: 'you are logged in by it',
  admin: 'it is in a group that administers this host',
  'in-use': 'somebody logs in by it: it has a password or a key of its own',
  group: 'there is a group of this name',
  gated: 'it is a gated login',
  home: 'it can change its home',
  shell: 'its shell reads files before it runs a command',
  name: 'such a name cannot be used',
};

export const unfitAccount = (name: string, why: Unfit): Fault => ({
  ...{ code: 'UNFIT_ACCOUNT', exit: noperm, say: `${shown(name)} cannot become a session account: ${unfit[why]}.` },
  hint: 'name an account that does not exist yet; sshd denies session accounts, so nobody can log in by one',
});

export const unfitLogin = (name: string, why: Unfit): Fault => ({
  ...{ code: 'UNFIT_LOGIN', exit: noperm, say: `${shown(name)} cannot become a gated login: ${unfit[why]}.` },
  hint: 'give the person a second account for the gate; a gated login owns nothing and gets nothing but tmux-gate',
});

export const noSuchLogin = (name: string): Fault => ({
  ...{ code: 'NO_SUCH_LOGIN', exit: noInput, say: `There is no gated login ${shown(name)}.` },
  hint: 'those that there are: tmux-gate login list',
});

const keyProblems: Readonly<Record<KeyProblem | 'unread', string>> = {
  private: 'holds a private key: give the .pub file, and never copy the other one to a host',
  none: 'holds no public key',
  'too-many': 'holds more than 50 keys',
  malformed: 'is not a list of public keys that ssh knows',
  options: 'has options before a key, which gated logins do not have',
  unread: 'cannot be read',
};

export const badKey = (word: string, why: KeyProblem | 'unread'): Fault => ({
  ...{ code: 'BAD_KEY', exit: data, say: `${sanitizeLine(word, 80)} ${keyProblems[why]}.` },
  hint: 'name a .pub file, a file of several lines, the text of a key, or github:NAME',
});

export const keysNotFetched = (name: string): Fault => ({
  ...{ code: 'KEYS_NOT_FETCHED', exit: unavailable, say: `https://github.com/${shown(name)}.keys cannot be fetched.` },
  hint: 'fetch it elsewhere, look at it, and name the file: --key FILE',
});

export const badAnswers = (path: string, problems: readonly string[]): Fault => ({
  ...{ code: 'BAD_ANSWERS', exit: data, say: `${shown(path)} cannot be used: ${problems.map(shown).join('; ')}` },
  hint: 'docs/install.md shows a file of answers',
});

export const missingAnswers = (options: readonly string[]): Fault => ({
  ...{
    code: 'MISSING_ANSWERS',
    exit: usage,
    say: `Without a terminal nothing can be asked; missing: ${options.join(', ')}.`,
  },
  hint: 'give them as options, or in a file: tmux-gate init --from answers.yaml',
});

export const badAnswer = (option: string, value: string): Fault => ({
  ...{ code: 'BAD_ANSWER', exit: usage, say: `${option}: "${sanitizeLine(value, 60)}" cannot be used.` },
  hint: 'see: tmux-gate help init',
});

export const providerUnfit = (why: string, remedy: string): Fault => ({
  ...{ code: 'PROVIDER_UNFIT', exit: unavailable, say: `Nobody could sign in: ${shown(why)}.`, hint: shown(remedy) },
});

export const clientRefused = (clientId: string, said: string): Fault => ({
  ...{
    code: 'CLIENT_REFUSED',
    exit: noperm,
    say: `The provider refuses the client ${shown(clientId)}: ${shown(said)}`,
  },
  hint: 'compare client id and secret with the registration at the provider; a public client has no secret',
});

export const noDeviceFlow = (clientId: string): Fault => ({
  ...{
    code: 'NO_DEVICE_FLOW',
    exit: unavailable,
    say: `The client ${shown(clientId)} may not use device logins (RFC 8628).`,
  },
  hint: 'switch the device authorization grant on for it at the provider',
});

export const redirectRefused = (redirect: string, said: string): Fault => ({
  ...{ code: 'REDIRECT_REFUSED', exit: unavailable },
  say: `The provider does not take the link of a sign-in: ${shown(said)}.`,
  hint: `register ${shown(redirect)} at the provider as a redirect address of the client, exactly so, and allow it the code flow`,
});

export const lookFailed = (said: string): Fault => ({
  ...{ code: 'SIGN_IN_FAILED', exit: unavailable, say: `The sign-in did not succeed: ${shown(said)}` },
  hint: 'run it again; to name the claims yourself: --login-claim and --groups-claim',
});

export const noClaims: Fault = {
  ...{ code: 'NO_CLAIMS', exit: usage, say: 'Which claims name the login and the groups is not known.' },
  hint: 'sign in on a terminal, or name them: --login-claim email --strip-domain example.com --groups-claim groups',
};

export const nothingPending: Fault = {
  ...{ code: 'NOTHING_PENDING', exit: noInput, say: 'No change of this host waits for a confirmation.' },
  hint: 'it may have been undone because nobody confirmed it in time: run tmux-gate init again',
};

export const wrongCode: Fault = {
  ...{ code: 'WRONG_CODE', exit: noperm, say: 'This is not the code of the change that waits.' },
  hint: 'type it as tmux-gate init showed it',
};

const notFresh = {
  'no-ssh': 'This is no ssh login: no sshd is among the processes that started this one.',
  'old-login': 'This ssh connection began before the change, so it does not show that a new login is possible.',
  'same-login': 'This is the login that made the change, so it does not show that a new login is possible.',
} as const;

export const notFreshLogin = (why: keyof typeof notFresh): Fault => ({
  ...{ code: 'NOT_A_NEW_LOGIN', exit: noperm, say: notFresh[why] },
  hint: 'open a new connection (ssh -o ControlPath=none ...), outside tmux and screen, and type it there',
});

export const rolledBack = (why: string): Fault => ({
  ...{ code: 'ROLLED_BACK', exit: tempfail, say: `The change was undone: ${why}.` },
  hint: 'this host is as it was before; run the command again',
});

export const nothingToUndo: Fault = {
  ...{
    code: 'NOTHING_TO_UNDO',
    exit: noInput,
    say: 'tmux-gate init has changed nothing on this host, or it is undone.',
  },
  hint: 'what the package installed goes with the package',
};

export const broken = (said: string): Fault => ({
  ...{ code: 'SETUP_FAILED', exit: ioError, say: `The change could not be made: ${shown(said)}.` },
  hint: 'it was undone; look at the disk and at the log of this host',
});
