// Opens everything outside the keeper that it uses: accounts and folders of this host, keys, journal, Redis; and what is made from the
// policy (compose-policy.ts).
import { chmod, mkdir } from 'node:fs/promises';
import { openAccounts, readGroup, type Account, type Accounts } from '../adapters/accounts.ts';
import { openForkServer } from '../adapters/fork-server.ts';
import { installedBy } from '../adapters/installed.ts';
import { heardJournal } from '../adapters/journal/heard.ts';
import { headReader } from '../adapters/journal/heads.ts';
import { openJournal, type Journal } from '../adapters/journal/journal.ts';
import { openKeys, type KeysOfKeeper } from '../adapters/keys.ts';
import { sha256 } from '../adapters/sha256.ts';
import type { Log } from '../adapters/log.ts';
import { openOutgoing, type Outgoing } from '../adapters/outgoing.ts';
import { openPrograms, type Programs } from '../adapters/programs.ts';
import { openStore, type Store } from '../adapters/redis/store.ts';
import { startEmbedded } from '../adapters/redis/embedded.ts';
import { openTtyLooks, type TtyLooks } from '../adapters/tty-looks.ts';
import * as stateFiles from '../adapters/state-file.ts';
import { asNamed, sudoAnswerMs, type Named } from '../adapters/sudo-rule.ts';
import { openTerminfo, type Terminfo } from '../adapters/terminfo.ts';
import { shippedBy } from '../core/messages/shipped.ts';
import type { Config } from '../core/policy-types.ts';
import type { Layout } from '../wire/layout.ts';
import { openFromPolicy, type FromPolicy } from './compose-policy.ts';
import { openSingleFlight } from './concurrency/single-flight.ts';
import type { MetricsHears } from './metrics/hears.ts';
import { openFailing, type Failing } from './notices/failing.ts';
import { claimState } from './state/format.ts';
import type { PolicyInForce } from './state/policy.ts';

/** The adapters that live as long as the keeper. */
export interface Adapters extends FromPolicy {
  readonly host: string;
  readonly layout: Layout;
  readonly policy: PolicyInForce;
  /** The keys of the policy in force, each as of the moment when it is read. */
  readonly config: Config;
  readonly accounts: Accounts;
  readonly terminfo: Terminfo;
  readonly service: Account;
  readonly log: Log;
  readonly keys: KeysOfKeeper;
  readonly journal: Journal;
  readonly store: Store;
  /** Which hooks and receivers failed when they were asked last. */
  readonly failing: Failing;
  readonly outgoing: Outgoing;
  readonly programs: Programs;
  /** What sshd and sudo grant now, as a small process says it; undefined when it says nothing in time. */
  readonly askDrift: () => Promise<unknown>;
  readonly ttyLooks: TtyLooks;
  /** Whether sudo's rule names a login, by the login's groups of this moment. */
  sudoNames(login: string): Promise<Named>;
  closeRedis(): Promise<void>;
}

/** How long a look at the terminals of a session may take. */
const ttyLookMs = 500;

const now = Date.now;

/** Whom the adapters tell. */
export interface AdaptersTell {
  /** Called each time Redis has become ready. */
  readonly onStore: () => void;
  /** Undefined: the policy asks for no metrics. */
  readonly metrics: MetricsHears | undefined;
}

/** @throws Error when something that the keeper needs is missing */
export async function openAdapters(
  layout: Layout,
  policy: PolicyInForce,
  log: Log,
  tell: AdaptersTell,
): Promise<Adapters> {
  const { config } = policy;
  const accounts = openAccounts(() => performance.now());
  const service = await serviceAccount(config, accounts, layout);
  await makeFolders(layout);
  await claimState(layout.stateFormat);
  const { host, peers } = config;
  const keys = await openKeys({ folder: layout.keys, host, peers, now });
  await keys.publish().catch((error: unknown) => log.error('public-keys-not-written', { error })); // an earlier keeper may have died before it
  const { metrics } = tell;
  const own = await openJournal({
    folder: layout.journal,
    host,
    anchor: { files: stateFiles, path: layout.journalAnchor, acceptedPath: layout.journalAccepted },
    signer: keys,
    readHead: headReader(keys, host),
    seal: (text) => keys.seal(text),
    now,
    sha256,
    get rotateBytes() {
      return config.journal.rotateBytes;
    },
    notRotated: (error) => log.error('journal-not-rotated', { error }),
    signed: metrics?.journal.signed,
  });
  const journal = metrics === undefined ? own : heardJournal(own, metrics.journal);
  const base = {
    ...{ host, layout, policy, config, accounts, service, log, keys, journal },
    ...{ failing: openFailing(), outgoing: openOutgoing() },
  };
  const redis = await openRedis(base, tell);
  return {
    ...base,
    ...(await openFromPolicy({ ...base, metrics }, config)),
    store: redis.store,
    closeRedis: redis.close,
    ttyLooks: openTtyLooks(ttyLookMs),
    sudoNames: openSudo(layout),
    programs: await openPrograms(layout.programs),
    askDrift: openDrift(layout),
    terminfo: openTerminfo(),
  };
}

/** One question for all callers at the same time. A small process asks sudo: a fork of the large keeper would block its event loop. */
function openSudo({ programs }: Layout): Adapters['sudoNames'] {
  const asked = openSingleFlight<Named>();
  const sudo = openForkServer(`${programs}/sudo.js`, 2 * sudoAnswerMs);
  return async (login) => asked(login, async () => asNamed(await sudo.ask([login, `${programs}/gate`])));
}

/** Longer than `sshd -T` takes on a slow host; a `status` waits for it. */
const driftMs = 4_000;

/** The process ends when it was not asked for a while, and may do so in the moment of a question, which is then put again. */
function openDrift({ programs, sshdConfig }: Layout): Adapters['askDrift'] {
  const server = openForkServer(`${programs}/drift.js`, driftMs);
  const question = [`${programs}/gate`, sshdConfig];
  return async () => (await server.ask(question)) ?? server.ask(question);
}

async function serviceAccount(config: Config, accounts: Accounts, { programs }: Layout): Promise<Account> {
  const account = await accounts.byName(config.serviceAccount);
  if (account === undefined || account.uid === 0) {
    const { again } = shippedBy(installedBy(programs));
    throw new Error(`the service account ${config.serviceAccount} does not exist: ${again}`);
  }
  const { members = [] } = (await readGroup(account.gid)) ?? {};
  const others = members.filter((name) => name !== account.name);
  if (others.length > 0) {
    // This group can open the socket for gates that come back (law 10), so no login may be in it.
    throw new Error(
      `the group of service account ${account.name} has members (${others.join(', ')}): give it one of its own`,
    );
  }
  return account;
}

async function makeFolders(layout: Layout): Promise<void> {
  for (const folder of [layout.run, layout.sessions, layout.homes]) await ownFolder(folder, 0o711);
  for (const folder of [
    layout.state,
    layout.connections,
    layout.journal,
    layout.recordings,
    layout.unsealed,
    layout.outbox,
  ])
    await ownFolder(folder, 0o700);
  await chmod(layout.run, 0o755);
  await chmod(layout.state, 0o711);
}

async function ownFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
}

async function openRedis(
  { layout, config, service, log }: Pick<Adapters, 'layout' | 'config' | 'service' | 'log'>,
  { onStore, metrics }: AdaptersTell,
): Promise<{ store: Store; close: () => Promise<void> }> {
  const onProblem = (error: Error): void => log.warn('redis', { error });
  const onReady = (): void => {
    metrics?.redis(true);
    onStore();
  };
  const listeners = { now, onReady, onLost: () => metrics?.redis(false), onProblem };
  if (config.redis.kind === 'url') {
    const store = await openStore({ ...config.redis, ...listeners });
    return { store, close: async () => store.close() };
  }
  const { uid, gid } = service;
  const embedded = await startEmbedded({ run: layout.redisRun, data: layout.redisData, uid, gid, onProblem });
  const store = await openStore({ url: embedded.url, ...listeners });
  return { store, close: async () => store.close().then(async () => embedded.close()) };
}
