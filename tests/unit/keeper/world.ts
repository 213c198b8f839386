// A keeper whose files, store and provider are in memory (fakes.ts), with the real rules over them; and people who ask and review.
import { openAccounts } from '../../../src/adapters/accounts.ts';
import { sha256 } from '../../../src/adapters/sha256.ts';
import type { LogFields } from '../../../src/adapters/log.ts';
import type { Policy } from '../../../src/config/load.ts';
import type { Grant } from '../../../src/core/grant.ts';
import type { SamePerson } from '../../../src/core/identity.ts';
import type { Notice } from '../../../src/core/notice.ts';
import type { Duty } from '../../../src/core/on-call.ts';
import type { Config, SessionPolicy } from '../../../src/core/policy-types.ts';
import { Refused } from '../../../src/core/refusal.ts';
import type { Person, RequestFacts, Review } from '../../../src/core/request.ts';
import type { FleetListings } from '../../../src/keeper/fleet/answer-query.ts';
import type { SignIn } from '../../../src/core/sign-in.ts';
import { termsOf } from '../../../src/core/terms.ts';
import { hour, minute } from '../../../src/core/time.ts';
import { openBatchNews } from '../../../src/keeper/batches/news.ts';
import { vouch } from '../../../src/keeper/batches/vouch.ts';
import { openKeyedMutex } from '../../../src/keeper/concurrency/keyed-mutex.ts';
import { openRunningCount } from '../../../src/keeper/concurrency/running-limit.ts';
import { openRecent } from '../../../src/keeper/concurrency/recent.ts';
import { openWorkQueue } from '../../../src/keeper/concurrency/work-queue.ts';
import { openConnections } from '../../../src/keeper/connections/connections.ts';
import { isOnTerms } from '../../../src/keeper/grants/grant-checks.ts';
import { openLiveGrants } from '../../../src/keeper/grants/live-grants.ts';
import { followEnds } from '../../../src/keeper/grants/on-grant-end.ts';
import { openPeerConfirmations } from '../../../src/keeper/grants/peer-confirmations.ts';
import { openPendingAnswers } from '../../../src/keeper/grants/pending-answers.ts';
import type { ReadRequest } from '../../../src/keeper/grants/read-request.ts';
import { openReassert } from '../../../src/keeper/grants/reassert.ts';
import { openRequestEnds } from '../../../src/keeper/grants/request-ends.ts';
import { openIssuedStates } from '../../../src/keeper/identity/issued-states.ts';
import type { Rechecks, Standing } from '../../../src/keeper/identity/rechecks.ts';
import type { Session } from '../../../src/keeper/sessions/session.ts';
import type { Sessions } from '../../../src/keeper/sessions/sessions.ts';
import { openPolicyInForce } from '../../../src/keeper/state/policy.ts';
import { layoutAt } from '../../../src/wire/layout.ts';
import { loginRule, person, policy, request, review } from '../core/sample.ts';
import {
  jsonKeys,
  memoryJournal,
  memoryLocks,
  memoryOutbox,
  memoryPins,
  memoryStore,
  signedBy,
  type Line,
  type Pause,
} from './fakes.ts';
import { memoryAskedHere } from './fake-rounds.ts';
import { memoryTombstones } from './fake-tombstones.ts';

/** An instant in whole seconds, as ends of windows are. */
export const began = 1_000_000_000_000;
export const host = 'prod-box';
export const [alice, bob, carol, dave] = ['alice', 'bob', 'carol', 'dave'].map(person) as [
  Person,
  Person,
  Person,
  Person,
];
/** The policy of the sample, where one approval is enough. */
export const one: SessionPolicy = { ...policy, approvers: { ...policy.approvers, count: 1 }, reason: {} };

export function configOf(session: Partial<SessionPolicy> = {}, change: Partial<Config> = {}): Config {
  return {
    ...{ host, serviceAccount: 'tmux-gate', peers: { 'peer-box': '/peer.jwk' } },
    oidc: {
      ...{ issuer: alice.issuer, clientId: 'gate', scopes: ['openid'], insecureHttp: false },
      ...{ claims: { login: loginRule, groups: 'groups' }, redirectUri: 'http://127.0.0.1:8400/' },
    },
    ...{ redis: { kind: 'embedded' }, signIn: { lifetimeMs: 8 * hour, recheckMs: 5 * minute, flow: 'device' } },
    ...{ request: { answerWithinMs: 30 * minute }, breakGlass: { windowMs: 15 * minute } },
    sessions: { 'prod-db': { ...one, ...session } },
    recordings: { quotaBytes: 2 ** 30, reserveBytes: 0, encryptTo: [] },
    journal: { rotateBytes: 2 ** 26 },
    ...{ onCall: {}, tickets: {}, notify: [], witnesses: [], insecureLoginHomes: true, hostLabels: {} },
    ...change,
  };
}

/** A policy as it is loaded, whose file has this text. */
export const loadedAs = (config: Config, text = ''): Policy => ({ config, text, raw: { text }, named: {} });

/** What the policy in force says of a session. */
export function sessionNow({ deps }: World, name = 'prod-db'): SessionPolicy {
  const policy = deps.config.sessions[name];
  if (policy === undefined) throw new Error(`no session ${name}`);
  return policy;
}

interface MemoryLog {
  readonly said: Line[];
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

function memoryLog(): MemoryLog {
  const said: Line[] = [];
  const say = (event: string, fields: LogFields = {}): void => void said.push({ event, ...fields });
  return { said, info: say, warn: say, error: say };
}

export interface WorldOptions {
  readonly config?: Config;
  readonly pause?: Pause;
  /** Where state files go; nowhere if not given. */
  readonly root?: string;
}

export type World = ReturnType<typeof openWorld>;

export function openWorld({ config = configOf(), pause = async () => Promise.resolve(), root }: WorldOptions = {}) {
  const now = (): number => Date.now();
  const policy = openPolicyInForce({ path: '/nonexistent', now, sha256 }, loadedAs(config));
  const log = memoryLog();
  const store = memoryStore(now, pause);
  const journal = memoryJournal(pause);
  const tombstones = memoryTombstones(now, pause);
  const notices: Notice[] = [];
  const [ended, alarms]: [string[], string[]] = [[], []];
  const groups = new Map<string, Standing>();
  const onDuty = new Map<string, readonly string[]>();
  const clocks = { boot: 0 };
  const turns = openKeyedMutex();
  let ids = 0;
  const rechecks: Rechecks & { readonly kept: string[] } = {
    kept: [],
    keep: async ({ login }, token) => Promise.resolve(void rechecks.kept.push(`${login} ${token ?? 'none'}`)),
    groupsOf: async ({ login }) => pause('groups').then(() => groups.get(login)),
    onGone: () => undefined,
    withoutRefresh: () => [],
    close: () => undefined,
  };
  const liveGrants = openLiveGrants(
    () => ({ wall: now(), boot: now() - began + clocks.boot }),
    (grant) => isOnTerms(policy, grant),
  );
  const running = new Map<string, Session>();
  const sessions = {
    find: (name: string) => running.get(name),
    endUnlessKept: async (name: string, who: SamePerson & { readonly login: string }) =>
      Promise.resolve(void ended.push(`${name} of ${who.login}`)),
  } as Pick<Sessions, 'find' | 'endUnlessKept'> as Sessions;
  const parts = {
    ...{
      host,
      policy,
      config: policy.config,
      log,
      store,
      journal,
      tombstones,
      now,
      monotonicNow: now,
      liveGrants,
      sessions,
      rechecks,
    },
    layout: layoutAt(root ?? '/nonexistent'),
    random: (bytes: number) => new Uint8Array(bytes).fill(0, 0).map((_, at) => (at === bytes - 1 ? (ids += 1) : 0)),
    oneByOne: async <T>(name: string, task: () => Promise<T>): Promise<T> => turns.take(name, task),
    keys: jsonKeys(host, Object.keys(config.peers), pause),
    outbox: memoryOutbox(journal, now, pause),
    notifier: { send: (notice: Notice) => void notices.push(notice), close: async () => Promise.resolve() },
    alarms: { raise: (why: string) => void alarms.push(why), raiseFor: () => undefined, clear: () => undefined },
    locks: memoryLocks(pause),
    pins: memoryPins(new Map()),
    onCall: {
      duty: async (sources: readonly string[] = [...onDuty.keys()]): Promise<Duty> =>
        Promise.resolve({
          named: new Map([...onDuty].filter(([name]) => sources.includes(name))),
          rule: policy.config.oidc.claims.login,
        }),
    },
    pendingAnswers: openPendingAnswers(now),
    peerConfirmations: openPeerConfirmations(),
    reassert: openReassert(now, log),
    freshSignIns: new WeakSet<SignIn>(),
    waitingSignIns: openRunningCount<string>(),
    accounts: openAccounts(now),
    issuedStates: openIssuedStates(now),
    sudoNames: async () => Promise.resolve('yes' as const),
    askedHere: memoryAskedHere(now),
    service: { name: 'tmux-gate', uid: 999, gid: 999, home: '/', shell: '/bin/false' },
  };
  const connected = { ...parts, connections: openConnections(parts) };
  const ends = followEnds(connected);
  const requestEnds = openRequestEnds(connected);
  tombstones.onAdd((id) => requestEnds.over(id));
  const deps = {
    ...{ ...connected, requestEnds, endsSettled: async (): Promise<void> => ends.settled() },
    vouch: async (facts: RequestFacts, forMs: number): Promise<void> => vouch(connected, facts, forMs),
    batchNews: openBatchNews(),
    takeUps: openWorkQueue({ atOnce: 4, most: 64, mostEach: 1 }),
    tookUp: openRecent(100),
    fleetQueries: openRunningCount<string>(),
    queryAnswers: openWorkQueue({ atOnce: 2, most: 32, mostEach: 2 }),
    answeredQueries: openRecent(100),
    fleetListings: {} as FleetListings,
    links: { announce: () => undefined },
  };
  const close = (): void => {
    liveGrants.close();
    requestEnds.close();
  };
  return { deps, store, journal, tombstones, notices, ended, alarms, groups, onDuty, clocks, running, ends, close };
}

/** The events of the journal, in their order. */
export const events = ({ journal }: World): readonly unknown[] => journal.lines.map(({ event }) => event);

export function lineOf({ journal }: World, event: string): Line | undefined {
  return journal.lines.find((line) => line['event'] === event);
}

export interface Asked extends ReadRequest {
  readonly jws: string;
}

/** Alice's request for prod-db, signed here and in the store. */
export async function ask(world: World, change: Partial<RequestFacts> = {}): Promise<Asked> {
  const { store, config } = world.deps;
  const now = world.deps.now();
  const session = config.sessions[change.session ?? 'prod-db'];
  const facts: RequestFacts = {
    ...{ ...request, requestedAt: now, answerBy: now + 30 * minute },
    ...(session === undefined ? {} : { terms: termsOf(session) }),
    ...change,
  };
  const jws = signedBy(facts.host, 'request', facts);
  await store.post({ id: facts.id, jws, answerBy: facts.answerBy });
  return { facts, digest: sha256(jws), jws, reviews: [] };
}

export interface MadeReview {
  readonly made: Review;
  readonly jws: string;
}

/** A review that somebody on call signs; it is not posted yet. */
export function reviewOf({ facts, digest }: ReadRequest, by: Person, change: Partial<Review> = {}): MadeReview {
  const made = review(by, { request: facts.id, digest, host, at: began, ...change });
  return { made, jws: signedBy(made.host, 'review', made) };
}

/** Puts a review into the store, as another host would. */
export async function post(world: World, asked: ReadRequest, by: Person, change: Partial<Review> = {}): Promise<void> {
  const { jws } = reviewOf(asked, by, change);
  await world.store.review(asked.facts.id, { name: sha256(jws), jws, host: asked.facts.host });
}

/** A grant of Alice's that is live here and in the store, and in the journal. */
export async function granted(world: World, change: Partial<Grant> = {}): Promise<Grant> {
  const { deps, store, journal } = world;
  const grant: Grant = {
    ...{ id: 'G0', request: 'R0', digest: 'a'.repeat(64), host, session: 'prod-db', who: alice, reason: 'INC-1' },
    ...{ approvers: [bob], start: deps.now(), end: deps.now() + 20 * minute },
    ...change,
  };
  const { id: grantId, session, who, end } = grant;
  const jws = signedBy(host, 'grant', grant);
  store.grants.set([grant.host, session, who.login, grantId].join(':'), {
    host: grant.host,
    session,
    login: who.login,
    grantId,
    jws,
    end,
  });
  journal.lines.push({ event: 'granted', grant: grantId, request: grant.request });
  deps.liveGrants.add({ grant, keyEnd: end });
  await world.ends.settled();
  return grant;
}

/** The code of a refusal. */
export async function codeOf(task: Promise<unknown>): Promise<string> {
  try {
    await task;
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
  return 'not refused';
}

/** Waits for what real files take, also while timers are not real. */
export async function eventually(holds: () => boolean): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > 60_000) throw new Error('it never came to hold');
    await new Promise(setImmediate);
  }
}
