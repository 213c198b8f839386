// All services of the keeper together. Only dispatch, verbs, visit and reconcile, and the start and stop of the keeper, see this type;
// every other service takes the few things that it needs.
import type { Account, Accounts } from '../adapters/accounts.ts';
import type { Hooks } from '../adapters/hooks/hook.ts';
import type { Journal } from '../adapters/journal/journal.ts';
import type { KeysOfKeeper } from '../adapters/keys.ts';
import type { Log } from '../adapters/log.ts';
import type { Notifier } from '../adapters/notices/notify.ts';
import type { Provider } from '../adapters/oidc.ts';
import type { Outgoing } from '../adapters/outgoing.ts';
import type { Store } from '../adapters/redis/store.ts';
import type { Named } from '../adapters/sudo-rule.ts';
import type { Terminfo } from '../adapters/terminfo.ts';
import type { Config } from '../core/policy-types.ts';
import type { RequestFacts } from '../core/request.ts';
import type { SignIn } from '../core/sign-in.ts';
import type { AskedHere } from './batches/asked-here.ts';
import type { BatchNews } from './batches/news.ts';
import type { Recent } from './concurrency/recent.ts';
import type { RunningCount } from './concurrency/running-limit.ts';
import type { WorkQueue } from './concurrency/work-queue.ts';
import type { Alarms } from './notices/alarms.ts';
import type { SessionHomes } from './sessions/session-homes.ts';
import type { Layout } from '../wire/layout.ts';
import type { LazyCgroups } from './connections/cgroups.ts';
import type { TypedLooks } from './connections/typed-looks.ts';
import type { Connections } from './connections/connections.ts';
import type { Subscribers } from './dashboard/subscribers.ts';
import type { LiveGrants } from './grants/live-grants.ts';
import type { PeerConfirmations } from './grants/peer-confirmations.ts';
import type { PendingAnswers } from './grants/pending-answers.ts';
import type { Reassert } from './grants/reassert.ts';
import type { RequestEnds } from './grants/request-ends.ts';
import type { Health } from './health/health.ts';
import type { HistoryReader } from './history/reader.ts';
import type { Locks } from './state/held-locks.ts';
import type { IssuedStates } from './identity/issued-states.ts';
import type { OnCall } from './identity/on-call.ts';
import type { RecentUsers } from './identity/recent-users.ts';
import type { Rechecks } from './identity/rechecks.ts';
import type { Drawings } from './recordings/drawing.ts';
import type { Recordings } from './recordings/recordings.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { FleetListings } from './fleet/answer-query.ts';
import type { Links } from './links/links.ts';
import type { RefusalLog } from './notices/refusal-log.ts';
import type { LoopWatch } from './server/event-loop-lag.ts';
import type { JournalKeep } from './history/journal-keep.ts';
import type { Keeping } from './recordings/keeping.ts';
import type { SearchIndexing } from './search/search-indexing.ts';
import type { Reload } from './reload.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { BreakGlass } from './state/break-glass-codes.ts';
import type { Outbox } from './state/outbox.ts';
import type { Pins } from './state/pins.ts';
import type { PolicyInForce } from './state/policy.ts';
import type { Tombstones } from './state/tombstones.ts';
import type { Witnessing } from './witness/witnessing.ts';

/** The running keeper. */
export interface Context {
  readonly host: string;
  readonly layout: Layout;
  readonly policy: PolicyInForce;
  /** The keys of the policy in force, each as of the moment when it is read (state/policy.ts). */
  readonly config: Config;
  readonly service: Account;
  readonly accounts: Accounts;
  readonly terminfo: Terminfo;
  /** When this keeper started: milliseconds since the epoch. */
  readonly startedAt: number;
  now(): number;
  /** Milliseconds of a clock that nobody can set. */
  monotonicNow(): number;
  random(bytes: number): Uint8Array;
  /** Runs tasks of the same name one after another. */
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** Resolves when every connection whose grant has ended is gone. */
  endsSettled(): Promise<void>;
  readonly log: Log;
  readonly keys: KeysOfKeeper;
  readonly store: Store;
  readonly provider: Provider;
  readonly links: Links;
  readonly requestEnds: RequestEnds;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly notifier: Notifier;
  readonly alarms: Alarms;
  readonly outgoing: Outgoing;
  readonly cgroups: LazyCgroups;
  readonly pins: Pins;
  readonly tombstones: Tombstones;
  readonly locks: Locks;
  readonly breakGlass: BreakGlass;
  readonly recentUsers: RecentUsers;
  readonly refusalLog: RefusalLog;
  readonly pendingAnswers: PendingAnswers;
  readonly peerConfirmations: PeerConfirmations;
  readonly reassert: Reassert;
  readonly liveGrants: LiveGrants;
  readonly askedHere: AskedHere;
  readonly batchNews: BatchNews;
  /** Batches that are being taken up. */
  readonly takeUps: WorkQueue;
  readonly tookUp: Recent;
  /** Questions to the fleet that are under way, by login. */
  readonly fleetQueries: RunningCount<string>;
  /** Questions of other hosts that are being answered. */
  readonly queryAnswers: WorkQueue;
  readonly answeredQueries: Recent;
  readonly fleetListings: FleetListings;
  /** Remembers the sign-in of a request that was asked for on another host. */
  vouch(facts: RequestFacts, forMs: number): Promise<void>;
  readonly sessions: Sessions;
  readonly sessionHomes: SessionHomes;
  readonly connections: Connections;
  readonly recordings: Recordings;
  readonly drawings: Drawings;
  readonly typedLooks: TypedLooks;
  readonly keeping: Keeping;
  readonly searchIndexing: SearchIndexing;
  readonly journalKeep: JournalKeep;
  readonly rechecks: Rechecks;
  /** Sign-ins that wait for their person, by login. */
  readonly waitingSignIns: RunningCount<string>;
  readonly issuedStates: IssuedStates;
  /** Sign-ins that were completed since this keeper started; remembered ones are not in it. */
  readonly freshSignIns: WeakSet<SignIn>;
  /** Whether sudo's rule names a login, by the login's groups of this moment. */
  sudoNames(login: string): Promise<Named>;
  readonly subscribers: Subscribers;
  readonly eventLoop: LoopWatch;
  /** Undefined where the policy asks for none. */
  readonly metrics: Metrics | undefined;
  readonly history: HistoryReader;
  readonly witnessing: Witnessing;
  readonly health: Health;
  readonly onCall: OnCall;
  readonly tickets: Pick<Hooks['tickets'], 'get'>;
  readonly reload: Reload;
  close(): Promise<void>;
}
