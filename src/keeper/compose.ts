// Constructs the keeper's services, here and nowhere else, in one order without a circle: each gets the ones that exist already. A service
// that must hear of later ones subscribes to them at the end.
import { randomBytes } from 'node:crypto';
import { uptime } from 'node:os';
import type { Log } from '../adapters/log.ts';
import type { Clocks } from '../core/deadline.ts';
import type { RequestFacts } from '../core/request.ts';
import type { SignIn } from '../core/sign-in.ts';
import type { Policy } from '../config/load.ts';
import type { Config } from '../core/policy-types.ts';
import { sha256 } from '../adapters/sha256.ts';
import { cgroupName, type Layout } from '../wire/layout.ts';
import { closeAll } from './close.ts';
import { openAdapters, type Adapters } from './compose-adapters.ts';
import { openAskedHere } from './batches/asked-here.ts';
import { endAsked } from './batches/follow-asked.ts';
import { openBatchNews } from './batches/news.ts';
import { sayDenied } from './batches/say-denied.ts';
import { vouch } from './batches/vouch.ts';
import { openKeyedMutex } from './concurrency/keyed-mutex.ts';
import { openRecent } from './concurrency/recent.ts';
import { openRunningCount } from './concurrency/running-limit.ts';
import { openWorkQueue } from './concurrency/work-queue.ts';
import { openLazyCgroups } from './connections/cgroups.ts';
import { openConnections } from './connections/connections.ts';
import { moderate } from './connections/moderation.ts';
import { openTypedLooks } from './connections/typed-looks.ts';
import { showMovedDeadlines } from './connections/reminders.ts';
import type { Context } from './context.ts';
import { openSubscribers } from './dashboard/subscribers.ts';
import { isOnTerms } from './grants/grant-checks.ts';
import { openLiveGrants } from './grants/live-grants.ts';
import { followEnds } from './grants/on-grant-end.ts';
import { openPeerConfirmations } from './grants/peer-confirmations.ts';
import { openPendingAnswers } from './grants/pending-answers.ts';
import { openReassert } from './grants/reassert.ts';
import { openRequestEnds } from './grants/request-ends.ts';
import { healthOf } from './health/health.ts';
import { openHistoryReader } from './history/reader.ts';
import { openLocks } from './state/held-locks.ts';
import { openIssuedStates } from './identity/issued-states.ts';
import { openOnCall } from './identity/on-call.ts';
import { openRecentUsers } from './identity/recent-users.ts';
import { openRechecks } from './identity/rechecks.ts';
import { openJournalKeep } from './history/journal-keep.ts';
import { openDrawings } from './recordings/drawing.ts';
import { openKeeping } from './recordings/keeping.ts';
import { openRecordings } from './recordings/recordings.ts';
import { openMetrics, type Metrics } from './metrics/metrics.ts';
import { openLinks } from './links/links.ts';
import { openAlarms } from './notices/alarms.ts';
import { openRefusalLog } from './notices/refusal-log.ts';
import { sealClosed } from './recordings/sealing.ts';
import { openSearchIndexing } from './search/search-indexing.ts';
import { openLoopWatch } from './server/event-loop-lag.ts';
import { openSessionHomes } from './sessions/session-homes.ts';
import { openSessions } from './sessions/sessions.ts';
import { judgeAnew } from './judge-anew.ts';
import { loadForReload, openReload } from './reload.ts';
import { openBreakGlass } from './state/break-glass-codes.ts';
import { openHolds } from './state/holds.ts';
import { openOutbox } from './state/outbox.ts';
import { openPins } from './state/pins.ts';
import { openPolicyInForce } from './state/policy.ts';
import { openTombstones } from './state/tombstones.ts';
import { openUnsealed } from './state/unsealed.ts';
import { historyFor } from './verbs/history.ts';
import { connectionsFor, grantsFor } from './verbs/listings.ts';
import { openWitnessing } from './witness/witnessing.ts';
import * as stateFiles from '../adapters/state-file.ts';

const now = Date.now;
const monotonicNow = (): number => performance.now();
const clocks = (): Clocks => ({ wall: Date.now(), boot: uptime() * 1000 });
const random = (bytes: number): Uint8Array => randomBytes(bytes);

/**
 * Opens adapters and services; nothing is taken over, ended or listened to yet.
 * @param onStore called each time Redis has become ready.
 * @throws Error when something that the keeper needs is missing
 */
export async function compose(layout: Layout, first: Policy, log: Log, onStore: () => void): Promise<Context> {
  const policy = openPolicyInForce({ path: layout.config, now, sha256 }, first);
  const metrics = await metricsOf(first.config, log);
  const adapters = await openAdapters(layout, policy, log, { onStore, metrics: metrics?.hears });
  const state = await openState(adapters);
  const people = await openPeople(state);
  const ends = followEnds(people);
  const endsSettled = async (): Promise<void> => ends.settled();
  const witnessing = await openWitnessing({ ...people, files: stateFiles });
  const context: Context = {
    ...people,
    endsSettled,
    witnessing,
    health: healthOf({ ...people, witnessing }),
    links: openLinks(people, adapters.approvals),
    subscribers: openSubscribers(people),
    history: openHistoryReader(people),
    eventLoop: openLoopWatch(log),
    fleetListings: {
      connections: async (asked) => connectionsFor(context, asked),
      grants: async (asked) => grantsFor(context, asked),
      history: async (asked) => historyFor(context, asked),
    },
    metrics,
    tickets: { get: (name) => adapters.hooks().tickets.get(name) },
    reload: openReload({
      ...people,
      load: async () => loadForReload(layout.config),
      judgeAnew: async (before) => judgeAnew(context, before),
    }),
    close: async () => closeAll(context, async () => adapters.closeRedis()),
  };
  subscribe(context);
  return context;
}

/** A keeper without metrics is better than none. */
async function metricsOf({ metrics: policy }: Config, log: Log): Promise<Metrics | undefined> {
  if (policy === undefined) return undefined;
  return openMetrics(policy, { now, monotonicNow }).catch((error: unknown) => {
    log.error('metrics-not-opened', { error });
    return undefined;
  });
}

/** Services that remember, and decide nothing. */
async function openState(adapters: Adapters) {
  const { host, layout, config, journal, log, notifier } = adapters;
  const mutex = openKeyedMutex();
  return {
    ...adapters,
    startedAt: now(),
    now,
    monotonicNow,
    random,
    oneByOne: async <T>(name: string, task: () => Promise<T>): Promise<T> => mutex.take(name, task),
    alarms: openAlarms({ now, notifier, host }),
    outbox: await openOutbox({ folder: layout.outbox, journal, log, now }),
    pins: await openPins(layout.pins),
    tombstones: await openTombstones(layout.tombstones, now),
    locks: await openLocks(layout.locks),
    breakGlass: await openBreakGlass(layout.breakGlass, now),
    recentUsers: await openRecentUsers(layout.directory, config, now, log),
    refusalLog: openRefusalLog(journal, (error) => log.error('refusals-not-journaled', { error })),
    pendingAnswers: openPendingAnswers(now),
    peerConfirmations: openPeerConfirmations(),
    reassert: openReassert(now, log),
    liveGrants: openLiveGrants(clocks, (grant) => isOnTerms({ config }, grant)),
    unsealed: openUnsealed(layout.unsealed, log),
    holds: await openHolds(layout.holds),
    searchIndexing: openSearchIndexing({ layout, log }),
    waitingSignIns: openRunningCount<string>(),
    issuedStates: openIssuedStates(now),
    askedHere: await openAskedHere(layout.askedHere, now),
    batchNews: openBatchNews(),
    takeUps: openWorkQueue({ atOnce: 4, most: 256, mostEach: 1 }),
    tookUp: openRecent(1_000),
    fleetQueries: openRunningCount<string>(),
    queryAnswers: openWorkQueue({ atOnce: 2, most: 32, mostEach: 2 }),
    answeredQueries: openRecent(1_000),
    freshSignIns: new WeakSet<SignIn>(),
  };
}

/** Sessions, connections, and the services that know people. */
async function openPeople(state: Awaited<ReturnType<typeof openState>>) {
  const { layout } = state;
  const withHomes = {
    ...state,
    cgroups: openLazyCgroups(cgroupName(layout.root)),
    sessionHomes: openSessionHomes(state),
    connections: openConnections(state),
  };
  const withSessions = { ...withHomes, sessions: openSessions(withHomes) };
  return {
    ...withSessions,
    vouch: async (facts: RequestFacts, forMs: number) => vouch(withSessions, facts, forMs),
    recordings: openRecordings(withSessions),
    drawings: openDrawings(state),
    typedLooks: openTypedLooks(withSessions),
    keeping: openKeeping(withSessions),
    journalKeep: openJournalKeep(withSessions),
    requestEnds: openRequestEnds(withSessions),
    onCall: openOnCall(withSessions, () => state.hooks().sources),
    rechecks: await openRechecks(withSessions, layout.refresh, now),
  };
}

/** Which service hears of which event. */
function subscribe(context: Context): void {
  const { connections, liveGrants, links, metrics, recordings, requestEnds, subscribers, tombstones } = context;
  const { pendingAnswers, rechecks } = context;
  metrics?.watch(context);
  pendingAnswers.onGive((request, answer) => void sayDenied(context, request, answer));
  rechecks.onGone(async (who) => endAsked(context, who));
  recordings.sealWith(async (recording) => sealClosed(context, recording));
  tombstones.onAdd((tombstone) => {
    links.over(tombstone);
    requestEnds.over(tombstone);
    metrics?.buried(tombstone);
  });
  connections.onEnding((session) => moderate(context, session));
  connections.onChange(() => subscribers.changed());
  liveGrants.onAdd(() => subscribers.changed());
  liveGrants.onEnd(() => subscribers.changed());
  showMovedDeadlines(context);
}
