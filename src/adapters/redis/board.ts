// The notice board that hosts share: requests, reviews, grants and sign-ins, each a JWS that the caller signs and verifies
// (design section 3, law 8). Nothing that is read here is believed here: whoever can write to Redis can deny service, never
// mint or lengthen access.
//
// 1. A name that becomes part of a key can neither split the key nor be a pattern. Text from outside (a fingerprint) is
//    digested first.
// 2. What has no expiry is no grant, no request and no sign-in (threat C11).
// 3. REDIS_DOWN after a change means *unknown*, not *not done*: the command may have arrived. Whoever undoes (revoke, settle)
//    repeats it; whoever opens something treats it as not open.
// 4. The index of a host's grants is for the visit, where speed counts and a missing entry only shuts. Listing and revoking
//    look at the keys themselves, so an index that somebody thinned out hides nothing from them.
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { Refused } from '../../core/refusal.ts';
import {
  bare,
  connectRedis,
  redisOptions,
  runScript,
  whenReady,
  type Listeners,
  type RedisAddress,
} from './connect.ts';
import { locksOf, type LocksPart } from './board-locks.ts';
import { followEvents, type BoardEvent } from './follow.ts';
import { valueLimit, type ScriptName } from './lua.ts';
import { parseInfo, serverVersion, type ServerVersion } from './version.ts';
import { readGrants, readNumber, readPending, readRequest, type LiveKey, type BoardEntry } from './replies.ts';

export type { BoardEvent } from './follow.ts';
export type { BoardEntry, LiveKey } from './replies.ts';

export interface GrantKey {
  readonly host: string;
  readonly session: string;
  readonly login: string;
  readonly grantId: string;
}

export interface GrantEntry extends GrantKey {
  readonly jws: string;
  /** Instant, milliseconds: the key expires then, exactly. */
  readonly end: number;
  /** How many reviews the decision was made over: when there are more by now, there is no grant. */
  readonly reviews?: number;
}

export interface GrantFilter {
  readonly host?: string;
  readonly session?: string;
  readonly login?: string;
  readonly id?: string;
}

export interface FollowOptions {
  /** Called once, when nothing that happens from now on is missed. */
  readonly onStart?: () => void;
}

/** Every method throws Refused('REDIS_DOWN') when Redis errs or does not answer in time; see rule 3. */
export interface Board extends LocksPart, AsyncDisposable {
  /** Resolves once commands can be given. Rejects with the signal's reason. */
  connected(signal: AbortSignal): Promise<void>;
  /** Posts a request that lives until `answerBy` (instant, milliseconds). False if the id is taken. */
  post(entry: { readonly id: string; readonly jws: string; readonly answerBy: number }): Promise<boolean>;
  find(id: string): Promise<BoardEntry | undefined>;
  /** The requests that wait for an answer, the oldest first. */
  pending(): Promise<BoardEntry[]>;
  /** Adds a review. @param name of its field; a taken one is left as it is. */
  review(id: string, name: string, jws: string): Promise<Reviewed>;
  /** Decides a pending request; it stays for `ttlMs` so that a late reviewer is told. False if it was not pending. */
  settle(id: string, state: 'denied' | 'withdrawn' | 'lapsed', ttlMs: number): Promise<boolean>;
  /** Approves a pending request and posts its grant. False if it was not pending, or the end has passed. */
  grant(id: string, entry: GrantEntry): Promise<boolean>;
  /** Grants whose keys are there and will expire. `keyEnd`: instant, milliseconds. */
  live(filter: GrantFilter): Promise<LiveKey[]>;
  /** Removes a grant and tells everyone, whether or not it was there. True if it was. @param proof signed by who revokes. */
  revoke(entry: GrantKey, proof?: string): Promise<boolean>;
  /** Tells that a host has ended all that a revoked grant opened. @param proof signed by that host. */
  confirm(host: string, id: string, proof: string): Promise<void>;
  signIn(host: string, login: string, fingerprint: string): Promise<string | undefined>;
  /** @param until instant, milliseconds. */
  rememberSignIn(host: string, login: string, fingerprint: string, jws: string, until: number): Promise<void>;
  /** How many were forgotten. */
  forgetSignIns(host: string, login: string): Promise<number>;
  /** Redis' clock minus our own, in milliseconds. */
  skew(): Promise<number>;
  ping(): Promise<void>;
  /** Which server answers, and whether it can do what is asked of it here. */
  version(): Promise<ServerVersion>;
  /**
   * Hands over every event from now on, each at least once and in order, until the signal aborts; then it resolves. Events
   * are hints, unsigned: what they name is looked up. What the handler throws goes to `onProblem`.
   */
  follow(handler: EventHandler, signal: AbortSignal, options?: FollowOptions): Promise<void>;
  close(): Promise<void>;
}

export type Reviewed = 'counted' | 'already' | 'over' | 'unknown';
export type EventHandler = (event: BoardEvent) => Promise<void> | void;

export interface BoardOptions extends RedisAddress, Listeners {
  /** This host's clock: instant, milliseconds. */
  readonly now?: () => number;
}

const prefix = 'tmux-gate:';
const requests = `${prefix}requests`;
const events = `${prefix}events`;
const namePart = /^[A-Za-z0-9_.$@-]{1,64}$/;
const scanCount = 1000;
const keysAtOnce = 500;
/** More keys than grants of a fleet: somebody planted them, and a listing that leaves some out would hide what is live. */
const mostKeys = 20_000;

/**
 * Connects to the board. It returns before Redis answers, and reconnects by itself.
 * @throws Error when the address or its password file cannot be read.
 */
export async function openBoard(options: BoardOptions): Promise<Board> {
  const connection = await redisOptions(options);
  const redis = connectRedis(connection, options);
  const ended = new AbortController();
  const close = (): Promise<void> => {
    ended.abort();
    redis.disconnect();
    return Promise.resolve();
  };
  return {
    ...requestsOf(redis),
    ...grantsOf(redis),
    ...signInsOf(redis),
    ...locksOf((name, ...rest) => run(redis, name, ...rest), sized),
    connected: (signal) => whenReady(redis, signal),
    skew: () => skew(redis, options.now ?? Date.now),
    version: async () => serverVersion(parseInfo(await ask(redis, redis.info()))),
    ping: async () => {
      await ask(redis, redis.ping());
    },
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

/** Waits for an answer; what goes wrong is one refusal, and a connection that let us wait is dropped (connect, rule 2). */
async function ask<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const cause = bare(error);
    if (cause.message === 'Command timed out') redis.disconnect(true);
    throw new Refused('REDIS_DOWN', {}, cause);
  }
}

function run(redis: Redis, name: ScriptName, keys: readonly string[], ...args: (string | number)[]): Promise<unknown> {
  return ask(redis, runScript(redis, name, keys, ...args));
}

/** Rule 1. @throws Refused INTERNAL: callers check names before they come here. */
function key(...parts: readonly string[]): string {
  const odd = parts.find((part) => !namePart.test(part));
  if (odd !== undefined) throw new Refused('INTERNAL', {}, new Error('a name that cannot be part of a key'));
  return prefix + parts.join(':');
}

/** What nobody would read is not written. */
function sized(jws: string): string {
  if (jws.length > valueLimit) throw new Refused('INTERNAL', {}, new Error('a value longer than the board reads'));
  return jws;
}

type RequestsPart = Pick<Board, 'post' | 'find' | 'pending' | 'review' | 'settle'>;

function requestsOf(redis: Redis): RequestsPart {
  const requestKey = (id: string): string => key('request', id);
  return {
    post: async ({ id, jws, answerBy }) =>
      (await run(redis, 'post', [requestKey(id), requests, events], id, sized(jws), answerBy)) === 1,
    find: async (id) => readRequest(id, await run(redis, 'find', [requestKey(id)])),
    pending: async () => readPending(await run(redis, 'pending', [requests], `${prefix}request:`)),
    review: async (id, name, jws) =>
      readReviewed(await run(redis, 'review', [requestKey(id), events], id, field(name), sized(jws))),
    settle: async (id, state, ttlMs) =>
      (await run(redis, 'settle', [requestKey(id), requests, events], id, state, ttlMs)) === 1,
  };
}

function field(name: string): string {
  key(name);
  return name;
}

/** An answer that is none of ours has counted nothing. */
function readReviewed(reply: unknown): Reviewed {
  return reply === 'counted' || reply === 'already' || reply === 'over' ? reply : 'unknown';
}

const grantKey = ({ host, session, login, grantId }: GrantKey): string => key('grant', host, session, login, grantId);
const indexKey = (host: string): string => key('grants', host);

function grantsOf(redis: Redis): Pick<Board, 'grant' | 'live' | 'revoke' | 'confirm'> {
  return {
    grant: async (id, entry) => {
      const { host, session, login, grantId, jws, end, reviews = -1 } = entry;
      const keys = [key('request', id), requests, events, grantKey(entry), indexKey(host)];
      return (await run(redis, 'grant', keys, id, sized(jws), end, host, session, login, grantId, reviews)) === 1;
    },
    live: (filter) => live(redis, filter),
    revoke: async (entry, proof = '') => {
      const { host, session, login, grantId } = entry;
      const keys = [grantKey(entry), indexKey(host), events];
      return (await run(redis, 'revoke', keys, host, grantId, session, login, proof)) === 1;
    },
    confirm: async (host, id, proof) => {
      key(host, id);
      await run(redis, 'confirm', [events], host, id, sized(proof));
    },
  };
}

/** Rule 4: the one key, the index of the visit, or the keys themselves. */
async function live(redis: Redis, filter: GrantFilter): Promise<LiveKey[]> {
  const { host, session, login, id } = filter;
  if (host !== undefined && session !== undefined && login !== undefined) {
    if (id !== undefined) return await readKeys(redis, [key('grant', host, session, login, id)]);
    return readGrants(await run(redis, 'indexed', [indexKey(host)], `${key('grant', host, session, login)}:`));
  }
  const wanted = [host, session, login, id];
  const found = await scan(redis, wanted);
  return await readKeys(redis, found);
}

async function readKeys(redis: Redis, keys: readonly string[]): Promise<LiveKey[]> {
  const found: LiveKey[] = [];
  for (let at = 0; at < keys.length; at += keysAtOnce)
    found.push(...readGrants(await run(redis, 'grants', keys.slice(at, at + keysAtOnce))));
  return found;
}

/** `*` matches a colon too, so the parts are compared once more. */
async function scan(redis: Redis, wanted: readonly (string | undefined)[]): Promise<string[]> {
  for (const part of wanted) if (part !== undefined) key(part);
  const pattern = `${prefix}grant:${wanted.map((part) => part ?? '*').join(':')}`;
  const found = await scanKeys(redis, pattern);
  return found.filter((name) => {
    const parts = name.slice(`${prefix}grant:`.length).split(':');
    return parts.length === 4 && wanted.every((part, at) => part === undefined || part === parts[at]);
  });
}

/** Every key that was there all along, each once (SCAN's own guarantee). */
async function scanKeys(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = await ask(redis, redis.scan(cursor, 'MATCH', pattern, 'COUNT', scanCount));
    for (const name of keys) found.add(name);
    if (found.size > mostKeys) throw new Refused('REDIS_DOWN', {}, new Error(`more than ${mostKeys} keys`));
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}

function signInsOf(redis: Redis): Pick<Board, 'signIn' | 'rememberSignIn' | 'forgetSignIns'> {
  const signInKey = (host: string, login: string, fingerprint: string): string =>
    key('sign-in', host, login, createHash('sha256').update(fingerprint).digest('base64url'));
  return {
    signIn: async (host, login, fingerprint) => {
      const jws = await run(redis, 'signIn', [signInKey(host, login, fingerprint)]);
      return typeof jws === 'string' && jws.length <= valueLimit ? jws : undefined;
    },
    rememberSignIn: async (host, login, fingerprint, jws, until) => {
      await ask(redis, redis.set(signInKey(host, login, fingerprint), sized(jws), 'PXAT', until));
    },
    forgetSignIns: async (host, login) => {
      const found = await scanKeys(redis, `${key('sign-in', host, login)}:*`);
      return found.length === 0 ? 0 : await ask(redis, redis.del(...found));
    },
  };
}

async function skew(redis: Redis, now: () => number): Promise<number> {
  const before = now();
  const [seconds, micros] = await ask(redis, redis.time());
  const theirs = readNumber(seconds) * 1000 + readNumber(micros) / 1000;
  return Math.round(theirs - (before + now()) / 2);
}
