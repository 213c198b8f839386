// The daemon: one per host, as root. It loads the policy, composes the keeper, ends what outlived its grant, and then opens its sockets.
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { sha256 } from '../adapters/sha256.ts';
import { openLog, type Log } from '../adapters/log.ts';
import { logStream, openSupervisor, type Supervisor } from '../adapters/systemd.ts';
import { loadPolicy, loudOptions } from '../config/load.ts';
import { policyRecords } from '../core/policy-record.ts';
import { second } from '../core/time.ts';
import { cannotStart, nowAttached } from '../core/messages/ends.ts';
import { layoutOf } from '../wire/layout.ts';
import { reservedNames } from '../wire/verbs.ts';
import { followAsked } from './batches/follow-asked.ts';
import { takeUpRest } from './batches/take-up.ts';
import { assertTombstones, followStore } from './store-sync.ts';
import { named, within } from './concurrency/time-limit.ts';
import { recallUse } from './grants/break-glass-use.ts';
import { compose } from './compose.ts';
import type { Context } from './context.ts';
import { renewLinks } from './links/links.ts';
import { handlersOf } from './dispatch.ts';
import { listen } from './server/listen.ts';
import { holdAgainstLocks } from './identity/locks.ts';
import { reconcile } from './reconcile.ts';
import { remind } from './connections/reminders.ts';
import { recallRequests } from './grants/request-ends.ts';
import { lapseLate } from './grants/lapse.ts';

const exitConfig = 78; // EX_CONFIG, sysexits.h
const exitInternal = 70;
/** Who had the policy reloaded, in the journal. */
const bySignal = 'SIGHUP';
const storePatienceMs = 5 * second;

/**
 * A stop that takes longer ends the process by force: the embedded Redis ends with it (embedded, rule 3), connections and sessions stay.
 */
const stopMs = 30 * second;
/** How long a stop waits for a start that is still under way. */
const startedMs = 5 * second;

/**
 * If the journal takes no records, the keeper starts all the same: to end what ends, to say why nothing opens, and to alarm those on call.
 */
async function firstRecords(context: Context, policy: string): Promise<void> {
  const problem = context.journal.changed;
  if (problem === undefined) {
    await context.journal.write('keeper-started', { pid: process.pid });
    const parts = policyRecords(policy, sha256(policy), 'start');
    await Promise.all(parts.map(async (part) => context.journal.write('policy', part)));
    return;
  }
  context.log.error('journal-changed', {
    problem,
    remedy: 'tmux-gate audit verify; tmux-gate audit accept --reason ...',
  });
  context.alarms.raiseFor('JOURNAL_CHANGED');
}

/** Child processes inherit it (adapters/child.ts, rule 2). To raise it takes a right that a systemd unit may have removed. */
function resetPriority(): void {
  try {
    setPriority(0, 0);
  } catch {
    // The priority stays what the unit of this host says.
  }
}

async function main(): Promise<void> {
  process.umask(0o077);
  resetPriority();
  const log = openLog('info', logStream(process.env, process.stderr));
  const supervisor = openSupervisor(process.env, () => process.hrtime.bigint() / 1000n);
  const stop = stopSignal(log);
  const hangUps = listenForHangUps();
  const layout = layoutOf(import.meta.dirname);
  const policy = await loadPolicy(layout.config, { reservedNames });
  for (const option of loudOptions(policy.config)) log.warn('insecure-option', { option });
  const opened: { context?: Context; early?: true; asserted?: true } = {};
  const onStore = (): void => {
    const { context } = opened;
    if (context === undefined) return void (opened.early = true);
    void assertTombstones(context, opened.asserted ? 'own' : 'all')
      .then(() => (opened.asserted = true))
      .catch((error: unknown) => log.warn('tombstones', { error }));
  };
  supervisor.starting('open');
  const context = await named(log, 'open', compose(layout, policy, log, onStore));
  opened.context = context;
  if (opened.early) onStore();
  const started = start({ context, policy: policy.text, supervisor }, stop).catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
  await Promise.race([started, aborted(stop)]);
  if (!stop.aborted) log.info('ready', { host: context.host });
  if (!stop.aborted) supervisor.ready(() => nowAttached(context.connections.all().length));
  hangUps.answer(() => reloadAtSignal(context));
  await aborted(stop);
  supervisor.stopping();
  await within(log, 'start', startedMs, started);
  await context.close();
}

/** A SIGHUP would end the process. One that comes during the start is answered after it. */
function listenForHangUps(): { answer(how: () => void): void } {
  let waits = false;
  let heard = (): void => {
    waits = true;
  };
  process.on('SIGHUP', () => heard());
  return {
    answer: (how) => {
      heard = how;
      if (waits) how();
    },
  };
}

/** The same as the verb `reload`; journal, log and `status` say what came of it. */
function reloadAtSignal({ log, reload }: Context): void {
  reload.now(bySignal).catch((error: unknown) => log.error('policy-not-reloaded', { error }));
}

/** Listens from the first moment on, so that a stop during the start is not missed. */
function stopSignal(log: Log): AbortSignal {
  const stop = new AbortController();
  const tooLong = (): void => {
    log.error('stop-takes-too-long', { limitMs: stopMs });
    process.exit(exitInternal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      stop.abort();
      setTimeout(tooLong, stopMs).unref();
    });
  return stop.signal;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** What is started. */
interface Starting {
  readonly context: Context;
  readonly policy: string;
  readonly supervisor: Supervisor;
}

/**
 * The steps of the start; the socket for visits opens last.
 * @throws Error when a step fails; the signal's reason when a stop came in between
 */
async function start({ context, policy, supervisor }: Starting, stop: AbortSignal): Promise<void> {
  const { log } = context;
  const patience = AbortSignal.any([stop, AbortSignal.timeout(storePatienceMs)]);
  const steps: readonly (readonly [step: string, take: () => Promise<void> | void])[] = [
    ['redis', () => context.store.connected(patience).catch(() => log.warn('redis-does-not-answer', {}))],
    ['journal', async () => firstRecords(context, policy)],
    ['reconcile', async () => reconcile(context)],
    [
      'recordings',
      () => context.recordings.start(stop).catch((error: unknown) => log.error('recordings-not-taken-over', { error })),
    ],
    [
      'break-glass',
      () => recallUse(context).catch((error: unknown) => log.error('break-glass-not-recalled', { error })),
    ],
    [
      'requests',
      () => recallRequests(context).catch((error: unknown) => log.error('requests-not-recalled', { error })),
    ],
    ['extensions', () => lapseLate(context).catch((error: unknown) => log.warn('extensions-not-recalled', { error }))],
    ['watch', () => followStore(context, stop)],
    ['batches', () => void takeUpRest(context, stop)],
    ['asked-here', () => void followAsked(context, stop)],
    ['witness', () => context.witnessing.start(stop)],
    ['keep', () => context.keeping.start(stop)],
    ['journal-keep', () => context.journalKeep.start(stop)],
    ['remind', () => remind(context, stop)],
    ['links', () => renewLinks(context).catch((error: unknown) => log.warn('links-not-renewed', { error }))],
    ['listen', async () => listen(context, handlersOf(context), stop)],
    // After the socket for gates that come back has opened: who is disconnected is told why.
    ['locks', async () => holdAgainstLocks(context)],
    ['metrics', () => context.metrics?.start(stop)],
    ['index', () => context.searchIndexing.start(stop)],
  ];
  for (const [step, take] of steps) {
    stop.throwIfAborted();
    supervisor.starting(step);
    await named(log, step, Promise.resolve(take()));
  }
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const config = error instanceof Error && ['ConfigError', 'StateFormatError'].includes(error.name);
  const message = error instanceof Error ? error.message : cannotStart;
  const why = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  process.stderr.write(config ? `${message}\n` : `tmux-gate keeper: ${message}${why}\n`);
  process.exit(config ? exitConfig : exitInternal);
}
