// The house: the one place where everything is put together. Nobody else makes an adapter.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { accountByName, membersOf, type Account } from '../adapters/accounts.ts';
import { openForkServer } from '../adapters/fork-server.ts';
import { openJournal, type Journal } from '../adapters/journal.ts';
import { openHooks, type Hooks } from '../adapters/hooks/hook.ts';
import { openKeys, sha256, type Keys } from '../adapters/keys.ts';
import type { Log } from '../adapters/log.ts';
import { openNotifier, type Notifier, type NotifyTarget } from '../adapters/notices/notify.ts';
import { openProvider, type Provider } from '../adapters/oidc.ts';
import { optionsFor } from '../adapters/oidc-clients.ts';
import { openBoard, type Board } from '../adapters/redis/board.ts';
import { startEmbedded } from '../adapters/redis/embedded.ts';
import { asNamed, sudoAnswerMs, type Named } from '../adapters/sudo-rule.ts';
import * as stateFiles from '../adapters/state-file.ts';
import type { Clocks } from '../core/deadline.ts';
import { withoutLink, type Notice } from '../core/notice.ts';
import type { Config } from '../core/policy-types.ts';
import { cgroupName, type Layout } from '../wire/layout.ts';
import { openAnswers, type Answers } from './answers.ts';
import { openBook, type Book } from './book.ts';
import { within } from './bounded.ts';
import { openBreakGlass, type BreakGlass } from './break-glass.ts';
import { openConfirmations, type Confirmations } from './confirmations.ts';
import { openConnections, type Connections } from './connections.ts';
import { followEnds } from './ends.ts';
import { openDirectory, type Directory } from './directory.ts';
import { openFences, type Fences } from './fences.ts';
import { openHistoryReader, type HistoryReader } from './history/reader.ts';
import { holdBack } from './held-notices.ts';
import { openInsist, type Insist } from './insist.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { openLinks, type Links } from './links/links.ts';
import { openRechecks, type Rechecks } from './rechecks.ts';
import { openLocks, type Locks } from './locks.ts';
import { openLoopWatch, type LoopWatch } from './loop-watch.ts';
import { openOnCall, type OnCall } from './on-call.ts';
import { openOutbox, type Outbox } from './outbox.ts';
import { openPins, openTombstones, type Pins, type Tombstones } from './records.ts';
import { openRequestEnds, type RequestEnds } from './request-ends.ts';
import { openSessions, type Sessions } from './sessions.ts';
import { openSharedRuns } from './shared-runs.ts';
import { openTurns } from './turns.ts';
import { openWatchers, type Watchers } from './watchers.ts';

export interface House {
  readonly host: string;
  readonly layout: Layout;
  readonly config: Config;
  readonly service: Account;
  /** When this keeper started: instant, milliseconds. */
  readonly since: number;
  now(): number;
  random(bytes: number): Uint8Array;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** Resolves when every connection whose grant has ended is gone. */
  settled(): Promise<void>;
  readonly log: Log;
  readonly keys: Keys;
  readonly board: Board;
  readonly provider: Provider;
  readonly links: Links;
  readonly requestEnds: RequestEnds;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly notifier: Notifier;
  readonly cgroups: Fences;
  readonly pins: Pins;
  readonly tombstones: Tombstones;
  readonly locks: Locks;
  readonly breakGlass: BreakGlass;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly answers: Answers;
  readonly confirmations: Confirmations;
  readonly insist: Insist;
  readonly book: Book;
  readonly sessions: Sessions;
  readonly connections: Connections;
  readonly rechecks: Rechecks;
  /** Whether sudo's rule names a login, by its groups of this moment. */
  named(login: string): Promise<Named>;
  readonly watchers: Watchers;
  readonly loop: LoopWatch;
  readonly history: HistoryReader;
  readonly onCall: OnCall;
  readonly tickets: Hooks['tickets'];
  close(): Promise<void>;
}

/** How long one notice may take, and how long the last ones are waited for at the end: milliseconds. */
const noticeMs = 5_000;
const lastNoticesMs = 1_000;

const now = Date.now;
const clocks = (): Clocks => ({ wall: Date.now(), boot: uptime() * 1000 });

/** @throws Error when something that the house stands on is missing. */
export async function openHouse(layout: Layout, config: Config, log: Log, onBoard: () => void): Promise<House> {
  const service = await serviceAccount(config);
  await makeFolders(layout);
  const { host, peers } = config;
  const keys = await openKeys({ folder: layout.keys, host, peers });
  const journal = await openJournal({
    folder: layout.journal,
    host,
    anchor: { files: stateFiles, path: layout.journalAnchor, acceptedPath: layout.journalAccepted },
    sign: async (kind, head) => keys.sign(kind, head),
    seal: (text) => keys.seal(text),
    now,
    sha256,
  });
  const redis = await openRedis(layout, config, service, log, onBoard);
  const { sources, tickets } = await openHooks(config, service);
  const turns = openTurns();
  const askedOfSudo = openSharedRuns<Named>();
  const sudo = openForkServer(`${layout.programs}/sudo.js`, 2 * sudoAnswerMs);
  const self = (): House => house;
  const book = openBook(clocks);
  const house: House = {
    ...{ host, layout, config, service, since: now(), now, log, keys, journal, book },
    outbox: await openOutbox({ folder: layout.outbox, journal, log, now }),
    random: (bytes) => randomBytes(bytes),
    oneByOne: async (name, task) => turns.take(name, task),
    settled: async () => ends.settled(),
    named: async (login) => askedOfSudo(login, async () => asNamed(await sudo.ask([login, `${layout.programs}/gate`]))),
    board: redis.board,
    provider: openProvider(await optionsFor(config.oidc, config.oidc, now)),
    requestEnds: openRequestEnds(self),
    links: openLinks(self, await approvalProvider(config), now),
    notifier: await openNotices(config, journal, log),
    cgroups: openFences(cgroupName(layout.root)),
    pins: await openPins(layout.pins),
    tombstones: await openTombstones(layout.tombstones, now),
    locks: await openLocks(layout.locks),
    breakGlass: await openBreakGlass(layout.breakGlass, now),
    directory: await openDirectory(layout.directory, config, now, log),
    ledger: openLedger(journal, (error) => log.error('refusals-not-journaled', { error })),
    answers: openAnswers(now),
    confirmations: openConfirmations(),
    insist: openInsist(now, log),
    sessions: openSessions(self),
    connections: openConnections(self),
    watchers: openWatchers(self),
    loop: openLoopWatch(log),
    history: openHistoryReader(self),
    onCall: openOnCall(self, sources),
    tickets,
    rechecks: await openRechecks(self, layout.refresh, config.signIn.recheckMs, now),
    close: async () => closeHouse(house, redis.close),
  };
  const ends = followEnds(self);
  house.tombstones.onBury((stone) => {
    house.links.over(stone);
    house.requestEnds.over(stone);
  });
  return house;
}

/** A notice that was given up is written down: somebody may have waited for it. So is that some are held back. */
async function openNotices(config: Config, journal: Journal, log: Log): Promise<Notifier> {
  const write = (event: string, fields: Record<string, unknown>): void => {
    journal.write(event, fields).catch((error: unknown) => log.error('notice-not-journaled', { error }));
  };
  const failed = (target: string, problem: string, notice: Notice): void =>
    write('notice-failed', { target, problem, notice: withoutLink(notice) });
  const notifier = openNotifier({ targets: await receivers(config), timeoutMs: noticeMs, log, failed });
  return holdBack(notifier, now, (held) => write('notices-held-back', { ...held }));
}

/** How long one step of the end may take, milliseconds: a journal on a disk that hangs, a receiver that does. */
const stepMs = 5_000;
/** That of Redis: TERM, KILL, and its last words. */
const redisMs = 12_000;

/**
 * The connections stay: their gates keep their own deadlines, and the next keeper takes them over (design section 8). Each step is
 * taken, whatever became of the one before: a full journal leaves no redis-server behind.
 * @throws Error the first that a step threw, after the last step.
 */
async function closeHouse(house: House, closeRedis: () => Promise<void>): Promise<void> {
  house.loop.close();
  house.outbox.close();
  house.rechecks.close();
  house.links.close();
  house.requestEnds.close();
  house.book.close();
  const steps: readonly (readonly [step: string, limitMs: number, take: () => Promise<void>])[] = [
    ['refusals', stepMs, async () => house.ledger.close()],
    ['notices', stepMs, async () => house.notifier.close(AbortSignal.timeout(lastNoticesMs))],
    ['redis', redisMs, closeRedis],
    ['last-record', stepMs, async () => house.journal.write('keeper-stopped', {})],
    ['journal', stepMs, async () => house.journal.close()],
  ];
  const failed: unknown[] = [];
  for (const [step, limitMs, take] of steps)
    await within(house.log, step, limitMs, take()).catch((error: unknown) => failed.push(error));
  // A journal that takes no record (JOURNAL_CHANGED) takes no last one either.
  if (failed.length > 0 && house.journal.changed === undefined) throw failed[0];
}

async function receivers({ notify }: Config): Promise<readonly NotifyTarget[]> {
  return Promise.all(notify.map(async ({ secretFile, ...target }) => ({ ...target, ...(await secretOf(secretFile)) })));
}

async function secretOf(file: string | undefined): Promise<{ readonly secret?: string }> {
  return file === undefined ? {} : { secret: (await readFile(file, 'utf8')).trim() };
}

async function serviceAccount(config: Config): Promise<Account> {
  const account = await accountByName(config.serviceAccount);
  if (account === undefined || account.uid === 0) {
    throw new Error(`the service account ${config.serviceAccount} does not exist: run deploy/install.sh`);
  }
  const others = (await membersOf(account.gid)).filter((name) => name !== account.name);
  if (others.length > 0) {
    // Its group opens the socket where gates report back (law 10): gated logins in it would stand at that door.
    throw new Error(
      `the group of service account ${account.name} has members (${others.join(', ')}): give it one of its own`,
    );
  }
  return account;
}

async function makeFolders(layout: Layout): Promise<void> {
  for (const folder of [layout.run, layout.sessions, layout.homes]) await ownFolder(folder, 0o711);
  for (const folder of [layout.state, layout.connections, layout.journal, layout.recordings, layout.outbox])
    await ownFolder(folder, 0o700);
  await chmod(layout.run, 0o755);
  await chmod(layout.state, 0o711);
}

async function ownFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode });
  await chmod(path, mode);
}

async function openRedis(
  layout: Layout,
  config: Config,
  service: Account,
  log: Log,
  onBoard: () => void,
): Promise<{ board: Board; close: () => Promise<void> }> {
  const onProblem = (error: Error): void => log.warn('redis', { error });
  if (config.redis.kind === 'url') {
    const board = await openBoard({ ...config.redis, now, onReady: onBoard, onProblem });
    return { board, close: async () => board.close() };
  }
  const { uid, gid } = service;
  const embedded = await startEmbedded({ run: layout.redisRun, data: layout.redisData, uid, gid, onProblem });
  const board = await openBoard({ url: embedded.url, now, onReady: onBoard, onProblem });
  return { board, close: async () => board.close().then(async () => embedded.close()) };
}

/** A provider of its own: what one client is given says nothing to the other (law 2). */
async function approvalProvider({ oidc }: Config): Promise<Provider | undefined> {
  return oidc.approvalClient && openProvider(await optionsFor(oidc, oidc.approvalClient, now));
}
