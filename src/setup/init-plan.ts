// Plans `init`: which accounts, files and units are missing on this host. What is there and in order is not touched.
import { parseConfig, loadConfig } from '../config/load.ts';
import { ConfigError, formatProblem } from '../config/problem.ts';
import { noClaims, policyRefused, policyThere } from '../core/messages/setup-faults.ts';
import type { Config } from '../core/policy-types.ts';
import type { Answers, PolicyKeys } from '../core/setup-rules/answers.ts';
import { withInclude } from '../core/setup-rules/sshd-drop-in.ts';
import {
  accountFiles,
  keeperUnit,
  keyFile,
  places,
  programFiles,
  secretFiles,
  type Templates,
  type WantedFile,
} from '../core/setup-rules/wanted.ts';
import type { Layout } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import { SetupFault } from './fault.ts';
import { lookAt, textOf } from './found.ts';
import { daemonsHere } from './host-facts.ts';
import type { Planned } from './perform.ts';
import { openUids, planFolder, planLogin, planSessionAccount, type Uids } from './plan-accounts.ts';
import { planFiles } from './plan-files.ts';
import { newPolicy, sessionsIn, withSession } from './policy-text.ts';
import { checkSshd, tryDropIn } from './sshd.ts';
import { ask, isBooted } from './tools.ts';
import { checkSudo, trySudoRule } from './visudo.ts';

/** The policy that is there; undefined: none, or the example of the package, which init replaces. */
export async function policyHere({ configExample }: Pick<Templates, 'configExample'>): Promise<string | undefined> {
  const text = textOf(await lookAt(places.config));
  return text === configExample ? undefined : text;
}

/** Reads a policy as the keeper would. @throws SetupFault with every problem */
export function policyOf(text: string): Config {
  try {
    return parseConfig(text, { reservedNames });
  } catch (error) {
    throw policyFault(error);
  }
}

/** The fault of a policy that is not in order. @throws the error itself when it is another one */
function policyFault(error: unknown): SetupFault {
  if (!(error instanceof ConfigError)) throw error;
  return new SetupFault(policyRefused(places.config, error.problems.map(formatProblem)));
}

/** What init plans on. */
export interface InitInputs {
  readonly layout: Layout;
  readonly templates: Templates;
  readonly answers: Answers;
  /** Undefined where the policy is there. */
  readonly claims: PolicyKeys | undefined;
}

/** The changes that make this host be as the answers say; none when it is. @throws SetupFault when one of them cannot be made */
export async function planInit({ layout, templates, answers, claims }: InitInputs): Promise<readonly Planned[]> {
  const { session, logins, oidc } = answers;
  const policy = policyText(answers, claims, await policyHere(templates));
  policyOf(policy);
  const uids = openUids();
  const folders = [...(await planFolder('/etc/tmux-gate', 0o755)), ...(await planFolder(places.loginKeys, 0o755))];
  const account = await planSessionAccount(session.runAs, uids);
  const gated = await planLogins(logins, layout.programs, uids);
  const files = await planFiles([
    ...logins.map(keyFile),
    ...secretFiles(oidc),
    { path: places.config, mode: 0o600, text: () => policy },
    ...programFiles(templates),
    ...accountFiles(
      session.runAs,
      templates,
      daemonsHere(),
      logins.map(({ name }) => name),
    ),
    sshdConfig,
  ]);
  await tryFiles(files);
  return [...folders, ...account, ...gated, ...files, ...(await planKeeper())];
}

const sshdConfig: WantedFile = {
  ...{ path: places.sshdConfig, mode: 0o644 },
  text: (now = '') => withInclude(now, places.dropIn),
};

/** Plans each login in its turn, since each takes the next uid. */
async function planLogins(logins: Answers['logins'], programs: string, uids: Uids): Promise<readonly Planned[]> {
  const planned: Planned[] = [];
  for (const { name } of logins) planned.push(...(await planLogin(name, programs, uids)));
  return planned;
}

function policyText(answers: Answers, claims: PolicyKeys | undefined, now: string | undefined): string {
  if (now === undefined) {
    if (claims === undefined) throw new SetupFault(noClaims);
    return newPolicy(answers, claims);
  }
  const differs = differences(policyOf(now), answers);
  if (differs.length > 0) throw new SetupFault(policyThere(differs));
  return sessionsIn(now).includes(answers.session.name) ? now : withSession(now, answers.session);
}

function differences({ host, oidc }: Config, answers: Answers): readonly string[] {
  return [
    ...(host === answers.host ? [] : ['host']),
    ...(oidc.issuer === answers.oidc.issuer ? [] : ['oidc.issuer']),
    ...(oidc.clientId === answers.oidc.clientId ? [] : ['oidc.client_id']),
  ];
}

/** Tries what sudo and sshd would read, before any of it is in place. @throws SetupFault with what they say */
export async function tryFiles(files: readonly Planned[]): Promise<void> {
  for (const { change, after } of files) {
    if (after === undefined || !('path' in change)) continue;
    if (change.path === places.sudoRule) await trySudoRule(textOf(after) ?? '');
    if (change.path === places.dropIn) await tryDropIn(textOf(after) ?? '');
  }
}

async function planKeeper(): Promise<readonly Planned[]> {
  if (!isBooted() || (await ask('systemctl', ['is-enabled', '--quiet', keeperUnit])).code === 0) return [];
  return [{ change: { do: 'service', name: keeperUnit }, command: ['systemctl', 'enable', '--now', keeperUnit] }];
}

/** Whether sshd must read its configuration again after these changes. */
export const concernsSshd = (changes: readonly Planned[]): boolean =>
  changes.some(
    ({ change }) => 'path' in change && [places.dropIn, places.sshdConfig].some((path) => path === change.path),
  );

/** Checks sudo, sshd and the policy as they are now. @throws SetupFault */
export async function checkHost(layout: Layout): Promise<void> {
  await checkSudo();
  await checkSshd();
  await loadConfig(layout.config, { reservedNames }).catch((error: unknown) => {
    throw policyFault(error);
  });
}
