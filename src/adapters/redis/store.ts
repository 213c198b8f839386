// The store that hosts share: requests, reviews, grants and sign-ins, each a JWS that the caller signs and verifies (docs/design.md,
// "Store"; law 8). This file verifies nothing and callers trust nothing unverified: whoever can write to Redis can deny service, never
// mint or lengthen access.
//
// 1. A name that becomes part of a key can neither split the key nor be a pattern. Text from outside (a fingerprint) is digested first.
//    Attack: a name that reaches another person's key.
// 2. A key without an expiry is no grant, no request and no sign-in (threat C11).
// 3. REDIS_DOWN after a change means *unknown*, not *not done*: the command may have arrived. Whoever takes away (revoke, settle) repeats
//    it; whoever gives access treats it as not given.
// 4. An index (of a host's grants, of all grants, of requests) says only where to look: what it names is read and verified, what is missing from it
//    only refuses. Each grant is in two, and its host puts it into both again whenever it looks at it (`held`), every few seconds. Attack:
//    somebody removes entries to hide a grant from listing and revoking.
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { Refused } from '../../core/refusal.ts';
import { connectRedis, leaveRedis, redisOptions, whenReady, type Listeners } from './connect.ts';
import { copied } from './copies.ts';
import { isReplicated } from './place.ts';
import { ask, chunks, events, isKeyOf, key, membersOf, prefix, readInPieces, run, sized } from './commands.ts';
import { locksOf, type LocksPart } from './locks.ts';
import { signInsOf, type SignInsPart } from './sign-ins.ts';
import { witnessOf, type WitnessPart } from './witness.ts';
import { roundsOf, type RoundsPart } from './rounds.ts';
import { decidingMs } from './lua.ts';
import { followEvents, type StoreEvent } from './follow.ts';
import { refuseTooOld } from './too-old.ts';
import { readGrants, readNumber, readPending, readRequest, type LiveKey, type StoredRequest } from './replies.ts';
import type { RedisAddress } from '../../core/policy-types.ts';

/** The parts of a grant's key. */
export interface GrantKey {
  readonly host: string;
  readonly session: string;
  readonly login: string;
  readonly grantId: string;
}

/** A grant to store. */
export interface GrantEntry extends GrantKey {
  readonly jws: string;
  /** When the key expires: milliseconds since the epoch. */
  readonly end: number;
  /** How many reviews the decision counted. If there are more when it is stored, it is not stored. */
  readonly reviews?: number;
}

/** A review to store. */
export interface ReviewEntry {
  /** Of its field. */
  readonly name: string;
  readonly jws: string;
  /** The host of the request, which decides. */
  readonly host: string;
}

/** Which grants to read; a part that is left out matches all. */
export interface GrantFilter {
  readonly host?: string;
  readonly session?: string;
  readonly login?: string;
  readonly id?: string;
}

/** How events are followed. */
export interface FollowOptions {
  /** Called once, as soon as no later event can be missed. */
  readonly onStart?: () => void;
}

/** The store. Every method throws Refused REDIS_DOWN when Redis fails or does not answer in time (rule 3), and REDIS_TOO_OLD. */
export interface Store extends RoundsPart, LocksPart, SignInsPart, WitnessPart, AsyncDisposable {
  /** Resolves once commands can be sent. Rejects with the signal's reason. */
  connected(signal: AbortSignal): Promise<void>;
  /** Stores a request that lives until `answerBy` (milliseconds since the epoch). @returns false if the id is taken. */
  post(entry: { readonly id: string; readonly jws: string; readonly answerBy: number }): Promise<boolean>;
  /** The request with its state and reviews; undefined when there is none. */
  find(id: string): Promise<StoredRequest | undefined>;
  /** The requests that wait for an answer, oldest first. */
  pending(): Promise<StoredRequest[]>;
  /**
   * Adds a review, and tells the host of the request. A review that is there under its name stays. While the host of the request grants it,
   * a review waits for what comes of that.
   */
  review(id: string, review: ReviewEntry): Promise<Reviewed>;
  /**
   * Has further reviews of a pending request wait while its host grants it, for five seconds at most.
   * @param reviews how many were counted.
   * @returns false if it was not pending, or its reviews changed.
   */
  decide(id: string, reviews: number): Promise<boolean>;
  /** Ends a pending request; it stays for `ttlMs` so that a late reviewer is told. @returns false if it was not pending. */
  settle(id: string, state: 'denied' | 'withdrawn' | 'lapsed', ttlMs: number): Promise<boolean>;
  /** Approves a pending request and stores its grant. @returns false if it was not pending, its reviews changed, or the end has passed. */
  grant(id: string, entry: GrantEntry): Promise<boolean>;
  /** The grants that match, of those whose keys have an expiry. Nothing about them is verified. */
  live(filter: GrantFilter): Promise<LiveKey[]>;
  /** The names of the grants in the index of a host, or of all: far less to read than the grants. Nothing about them is verified. */
  names(host?: string): Promise<GrantKey[]>;
  /** Of these grants of one host, those that `live` would find; each is put into the indexes again (rule 4). */
  held(host: string, keys: readonly Omit<GrantKey, 'host'>[]): Promise<LiveKey[]>;
  /**
   * Removes a grant and tells every host, whether it was there or not.
   * @param proof signed by who revokes.
   * @returns whether it was there.
   */
  revoke(entry: GrantKey, proof?: string): Promise<boolean>;
  /** Tells every host that this one has ended whatever a revoked grant opened. @param proof signed by this host. */
  confirm(host: string, id: string, proof: string): Promise<void>;
  /** The clock of Redis minus our own, in milliseconds. */
  skew(): Promise<number>;
  ping(): Promise<void>;
  /**
   * Runs one of the changes above, and waits half a second at most until a replica has it.
   * @returns on how many servers it stands; undefined where there is only one server, or it cannot be told
   * @throws what the change throws
   */
  copied(change: () => Promise<unknown>): Promise<number | undefined>;
  /**
   * Passes every event from now on to the handler, in order and at least once each, until the signal aborts; then it resolves. Events are
   * unsigned hints: the handler looks up what they name. What the handler throws goes to `onProblem`.
   */
  follow(handler: EventHandler, signal: AbortSignal, options?: FollowOptions): Promise<void>;
  close(): Promise<void>;
}

/** What became of a review: `already` when its name was taken, `over` when the request was decided or full. */
export type Reviewed = 'counted' | 'already' | 'over' | 'unknown';
export type EventHandler = (event: StoreEvent) => Promise<void> | void;

/** Where the store is, and who is told of its connection. */
export interface StoreOptions extends RedisAddress, Listeners {
  /** This host's clock: milliseconds since the epoch. */
  readonly now?: () => number;
}

const requests = `${prefix}requests`;

/**
 * Connects to the store. It returns before Redis answers, and reconnects by itself.
 * @throws Error when the address is malformed or its password file cannot be read.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const connection = await redisOptions(options);
  const redis = connectRedis(connection, options);
  refuseTooOld(redis, (problem) => options.onProblem?.(problem));
  const ended = new AbortController();
  const close = (): Promise<void> => {
    ended.abort();
    leaveRedis(redis);
    return Promise.resolve();
  };
  return {
    ...requestsOf(redis),
    ...grantsOf(redis),
    ...signInsOf(redis),
    ...locksOf((name, ...rest) => run(redis, name, ...rest), sized),
    ...witnessOf((name, ...rest) => run(redis, name, ...rest)),
    ...roundsOf({
      run: (name, ...rest) => run(redis, name, ...rest),
      members: async (index) => membersOf(redis, index, isKeyOf('', 1)),
    }),
    connected: (signal) => whenReady(redis, signal),
    skew: () => skew(redis, options.now ?? Date.now),
    ping: async () => {
      await ask(redis, redis.ping());
    },
    copied: async (change) => (isReplicated(options) ? copied(redis, change) : change().then(() => undefined)),
    follow: (handler, signal, { onStart } = {}) =>
      followEvents({
        connection,
        stream: events,
        handler,
        signal: AbortSignal.any([signal, ended.signal]),
        ...(onStart === undefined ? {} : { onStart }),
        ...(options.onProblem === undefined ? {} : { onProblem: options.onProblem }),
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type RequestsPart = Pick<Store, 'post' | 'find' | 'pending' | 'review' | 'decide' | 'settle'>;

function requestsOf(redis: Redis): RequestsPart {
  const requestKey = (id: string): string => key('request', id);
  const decidingKey = (id: string): string => key('deciding', id);
  return {
    post: async ({ id, jws, answerBy }) =>
      (await run(redis, 'post', [requestKey(id), requests, events], id, sized(jws), answerBy)) === 1,
    find: async (id) => readRequest(id, await run(redis, 'find', [requestKey(id)])),
    pending: async () => {
      const ids = await membersOf(redis, requests, isKeyOf('', 1));
      return readInPieces(ids, async (some) =>
        readPending(await run(redis, 'pending', [requests, ...some.map((id) => requestKey(id))], ...some)),
      );
    },
    review: async (id, { name, jws, host }) => {
      const keys = [requestKey(id), events, decidingKey(id)];
      const add = (): Promise<unknown> => run(redis, 'review', keys, id, field(name), sized(jws), field(host));
      return readReviewed(await onceDecided(add));
    },
    decide: async (id, reviews) => (await run(redis, 'decide', [requestKey(id), decidingKey(id)], reviews)) === 1,
    settle: async (id, state, ttlMs) =>
      (await run(redis, 'settle', [requestKey(id), requests, events], id, state, ttlMs)) === 1,
  };
}

/** Tries again while another host decides. @throws Refused REDIS_DOWN when that has no end: somebody else wrote to the store */
async function onceDecided(add: () => Promise<unknown>): Promise<unknown> {
  const last = performance.now() + 2 * decidingMs;
  for (;;) {
    const reply = await add();
    if (reply !== 'deciding') return reply;
    if (performance.now() > last)
      throw new Refused('REDIS_DOWN', {}, new Error('a request that is being decided without end'));
    await delay(50);
  }
}

function field(name: string): string {
  key(name);
  return name;
}

/** An unexpected reply counts as "unknown". */
function readReviewed(reply: unknown): Reviewed {
  return reply === 'counted' || reply === 'already' || reply === 'over' ? reply : 'unknown';
}

const grantKey = ({ host, session, login, grantId }: GrantKey): string => key('grant', host, session, login, grantId);
const grants = `${prefix}grants`;
const indexKey = (host: string): string => key('grants', host);
const isGrantKey = isKeyOf(`${prefix}grant:`, 4);

function grantsOf(redis: Redis): Pick<Store, 'grant' | 'live' | 'names' | 'held' | 'revoke' | 'confirm'> {
  return {
    grant: async (id, entry) => {
      const { host, session, login, grantId, jws, end, reviews = -1 } = entry;
      const keys = [key('request', id), requests, events, grantKey(entry), indexKey(host), grants];
      return (await run(redis, 'grant', keys, id, sized(jws), end, host, session, login, grantId, reviews)) === 1;
    },
    live: (filter) => live(redis, filter),
    names: async (host) => (await membersOf(redis, indexOf(host), isGrantKey)).map(partsOf),
    held: (host, keys) => held(redis, host, keys),
    revoke: async (entry, proof = '') => {
      const { host, session, login, grantId } = entry;
      const keys = [grantKey(entry), indexKey(host), grants, events];
      return (await run(redis, 'revoke', keys, host, grantId, session, login, proof)) === 1;
    },
    confirm: async (host, id, proof) => {
      key(host, id);
      await run(redis, 'confirm', [events], host, id, sized(proof));
    },
  };
}

/** Reads the one grant that is named whole, or what the narrowest index names (rule 4). */
async function live(redis: Redis, filter: GrantFilter): Promise<LiveKey[]> {
  const { host, session, login, id } = filter;
  if (host !== undefined && session !== undefined && login !== undefined && id !== undefined)
    return held(redis, host, [{ session, login, grantId: id }]);
  const index = indexOf(host);
  const wanted = [host, session, login, id];
  for (const part of wanted) if (part !== undefined) key(part);
  const named = (await membersOf(redis, index, isGrantKey)).filter((name) => hasParts(name, wanted));
  return readInPieces(named, async (some) => readGrants(await run(redis, 'grants', [index, ...some])));
}

async function held(redis: Redis, host: string, keys: Parameters<Store['held']>[1]): Promise<LiveKey[]> {
  const found: LiveKey[] = [];
  // One that is left out ends, so there is no limit beside that of each script.
  for (const some of chunks(keys.map((key) => grantKey({ host, ...key }))))
    found.push(...readGrants(await run(redis, 'held', [indexKey(host), grants, ...some])));
  return found;
}

const indexOf = (host?: string): string => (host === undefined ? grants : indexKey(host));

/** The parts of a key that `isGrantKey` accepts. */
function partsOf(name: string): GrantKey {
  const [host = '', session = '', login = '', grantId = ''] = name.slice(`${prefix}grant:`.length).split(':');
  return { host, session, login, grantId };
}

function hasParts(name: string, wanted: readonly (string | undefined)[]): boolean {
  const parts = name.slice(`${prefix}grant:`.length).split(':');
  return wanted.every((part, at) => part === undefined || part === parts[at]);
}

async function skew(redis: Redis, now: () => number): Promise<number> {
  const before = now();
  const [seconds, micros] = await ask(redis, redis.time());
  const theirs = readNumber(seconds) * 1000 + readNumber(micros) / 1000;
  return Math.round(theirs - (before + now()) / 2);
}
