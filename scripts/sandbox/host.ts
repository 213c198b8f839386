// A sandbox host beside the system's own services: accounts, sshd, sudo rule, provider, keeper, webhook.
//
// 1. It changes no account, group, service, port or file that it did not make; if a name that it needs exists, it refuses.
// 2. Closing it leaves nothing behind; the next `openHost` or `sweep` removes what a crash left.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { groupsOf, makeAccounts, refuseTakenNames, removeAccounts } from './accounts.ts';
import { killCgroup } from './cgroup.ts';
import { type ExecOptions, type Outcome, outcome } from './exec.ts';
import {
  defaultConfig,
  installBuild,
  installGateScript,
  installTmuxConf,
  makeFolders,
  type SandboxConfig,
  writePolicy,
} from './install.ts';
import { Keeper } from './keeper.ts';
import { type Layout, layoutOf, repo } from './layout.ts';
import { readMark, refuseIfHeld, writeMark } from './mark.ts';
import { giveKey, Person, writeClientConfig } from './person.ts';
import { releasePrivsep } from './privsep.ts';
import { killAll, runningFrom } from './processes.ts';
import type { PersonAccount } from './provider-messages.ts';
import { type Provider, startProvider } from './provider.ts';
import { type Sshd, startSshd } from './sshd.ts';
import { installSudoRule, removeSudoRule } from './sudo-rule.ts';
import { openWebhook, type Webhook } from './webhook.ts';

export interface HostOptions {
  /** The prefix of all its names: 'demo' makes demo-alice, /opt/tmux-gate-demo, … */
  readonly prefix: string;
  /** Changes the policy before it is written. */
  readonly config?: (config: SandboxConfig) => object;
  /** The build's folder (default: the repository's dist). */
  readonly dist?: string;
  /** More people than alice (engineers), bob (oncall) and mallory (no group): name to groups. */
  readonly people?: Readonly<Record<string, readonly string[]>>;
  /** A domain that the logins have after an `@`, as from a directory of several domains. */
  readonly loginDomain?: string;
  /** More lines for the people's ssh_config. */
  readonly clientConfig?: readonly string[];
  /** `false`: starts no keeper. With `gateScript`: installs no build, and this shell script in the gate's place. */
  readonly keeper?: boolean | { readonly gateScript: string };
}

export interface Host extends AsyncDisposable {
  readonly prefix: string;
  readonly root: string;
  readonly layout: Layout;
  readonly people: Readonly<Record<'alice' | 'bob' | 'mallory', Person>> & Readonly<Record<string, Person>>;
  readonly provider: Provider;
  readonly sshd: Sshd;
  readonly keeper: Keeper;
  readonly webhook: Webhook;
  /** The policy as it was last written. */
  readonly config: object;
  /** Writes another policy. A running keeper goes on with the old one. */
  writeConfig(config: object): void;
  /** Runs the local tmux-gate as root. */
  cli(args: readonly string[], options?: ExecOptions): Promise<Outcome>;
}

const founders = { alice: ['engineers'], bob: ['oncall'], mallory: [] };

function peopleOf(layout: Layout, { people, loginDomain }: HostOptions): Map<string, PersonAccount> {
  const all = Object.entries<readonly string[]>({ ...founders, ...people });
  const domain = loginDomain === undefined ? '' : `@${loginDomain}`;
  return new Map(
    all.map(([name, groups]) => [
      name,
      {
        username: `${layout.prefix}-${name}${domain}`,
        password: randomBytes(9).toString('base64url'),
        sub: `00u${randomBytes(6).toString('hex')}`,
        email: `${layout.prefix}-${name}@example.com`,
        fullName: name.replace(/^./, (first) => first.toUpperCase()),
        groups,
      },
    ]),
  );
}

/** Removes everything of a sandbox. @throws Error when a running process uses it */
export async function sweep(prefix: string): Promise<void> {
  const layout = layoutOf(prefix);
  const mark = readMark(layout);
  refuseIfHeld(mark);
  await clear(layout, mark?.groups ?? []);
}

/** Removes everything. The folder with the mark goes last, since the mark says what belongs to the sandbox. */
async function clear(layout: Layout, groups: readonly string[]): Promise<void> {
  removeSudoRule(layout);
  await killCgroup(layout.cgroups.sandbox);
  await killAll(() => runningFrom(layout.root));
  await killCgroup(layout.cgroups.keeper);
  await removeAccounts(layout, groups);
  releasePrivsep(layout.prefix);
  rmSync(layout.root, { recursive: true, force: true });
}

function install(layout: Layout, { dist = join(repo, 'dist'), keeper = true }: HostOptions): void {
  installTmuxConf(layout);
  if (typeof keeper === 'object') installGateScript(layout, keeper.gateScript);
  else installBuild(layout, dist);
}

/** Makes accounts, then keys and the sudo rule. */
async function makePeople(layout: Layout, logins: readonly string[]): Promise<void> {
  await makeAccounts(layout, logins);
  await Promise.all([...logins.map((login) => giveKey(layout, login)), installSudoRule(layout)]);
}

interface Parts {
  readonly provider: Provider;
  readonly webhook: Webhook;
  readonly sshd: Sshd;
}

/** Starts the parts that do not depend on each other at the same time. Each is added to the stack as soon as it runs. */
async function startParts(
  layout: Layout,
  people: readonly PersonAccount[],
  made: AsyncDisposableStack,
): Promise<Parts> {
  const logins = people.map(({ username }) => username);
  const results = await Promise.allSettled([
    startProvider(people, layout.cgroups.sandbox).then((provider) => made.use(provider)),
    openWebhook().then((webhook) => made.use(webhook)),
    startSshd(layout),
    makePeople(layout, logins),
  ]);
  // All have settled, so that nothing is still being made when a failure begins the clean-up.
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const [provider, webhook, sshd] = results.map((result) => (result as PromiseFulfilledResult<unknown>).value);
  return { provider, webhook, sshd } as Parts;
}

/** Makes a host and waits until it is ready. @throws Error when a part does not start; everything is removed again */
export async function openHost(options: HostOptions): Promise<Host> {
  const layout = layoutOf(options.prefix);
  await sweep(options.prefix);
  const people = peopleOf(layout, options);
  const accounts = [...people.values()];
  const groups = groupsOf(
    layout,
    accounts.map(({ username }) => username),
  );
  refuseTakenNames(groups);
  const made = new AsyncDisposableStack();
  made.defer(() => clear(layout, groups));
  try {
    writeMark(layout, groups);
    makeFolders(layout);
    install(layout, options);
    const parts = await startParts(layout, accounts, made);
    return await bringUp({ layout, options, accounts: people, parts, made });
  } catch (error) {
    await made.disposeAsync();
    throw error;
  }
}

/** What a host is brought up from. */
interface Plan {
  readonly layout: Layout;
  readonly options: HostOptions;
  readonly accounts: ReadonlyMap<string, PersonAccount>;
  readonly parts: Parts;
  readonly made: AsyncDisposableStack;
}

async function bringUp({ layout, options, accounts, parts, made }: Plan): Promise<Host> {
  writeClientConfig(layout, accounts, parts.sshd, options.clientConfig);
  const given = defaultConfig(layout, { issuer: parts.provider.issuer, webhook: parts.webhook.url });
  let config = options.config?.(given) ?? given;
  writePolicy(layout, config);
  const keeper = made.use(new Keeper(layout));
  if ((options.keeper ?? true) === true) await keeper.start();
  const people = [...accounts].map(([name, account]) => made.use(new Person(name, account, layout, parts.sshd)));
  return {
    prefix: layout.prefix,
    root: layout.root,
    layout,
    people: Object.fromEntries(people.map((person) => [person.name, person])) as Host['people'],
    ...parts,
    keeper,
    get config() {
      return config;
    },
    writeConfig: (next) => writePolicy(layout, (config = next)),
    cli: (args, more) => outcome(`${layout.lib}/tmux-gate`, args, more),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}
