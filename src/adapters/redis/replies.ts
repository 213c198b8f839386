// What Redis answers, read as what anybody may have written: wrong types, sizes and numbers are as if they were not there.
import { valueLimit } from './lua.ts';

export type RequestState = 'pending' | 'approved' | 'denied' | 'withdrawn' | 'lapsed';

export interface StoredRequest {
  readonly id: string;
  readonly jws: string;
  readonly state: RequestState;
  /** What stands as a review, in the order in which they came: as many as the script that grants counts. */
  readonly reviews: readonly string[];
}

export interface LiveKey {
  readonly key: string;
  readonly jws: string;
  /** When the key expires: instant, milliseconds. */
  readonly keyEnd: number;
}

const states: readonly string[] = ['pending', 'approved', 'denied', 'withdrawn', 'lapsed'] satisfies RequestState[];

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= valueLimit + 8;
const isState = (value: unknown): value is RequestState => isText(value) && states.includes(value);

/** Reads the hash of a request. */
export function readRequest(id: string, reply: unknown): StoredRequest | undefined {
  if (!Array.isArray(reply) || !reply.every(isText)) return undefined;
  const fields = new Map(groups(reply, 2).map(([name, value]) => [name, value] as const));
  const [jws, state] = [fields.get('jws'), fields.get('state')];
  if (jws === undefined || !isState(state)) return undefined;
  const reviews = [...fields]
    .filter(([name]) => name?.startsWith('review:') === true)
    .map(([, value]) => value ?? '')
    .sort()
    .map((value) => value.slice(4));
  return { id, jws, state, reviews };
}

/** Reads a list of id, hash, id, hash. */
export function readPending(reply: unknown): StoredRequest[] {
  if (!Array.isArray(reply)) return [];
  return groups<unknown>(reply, 2)
    .map(([id, hash]) => (isText(id) ? readRequest(id, hash) : undefined))
    .filter((entry) => entry !== undefined)
    .filter((entry) => entry.state === 'pending');
}

/** Reads a list of key, JWS, expiry. An expiry that is no future instant at all is no grant. */
export function readGrants(reply: unknown): LiveKey[] {
  if (!Array.isArray(reply)) return [];
  return groups<unknown>(reply, 3)
    .map(([key, jws, keyEnd]) => (isText(key) && isText(jws) ? { key, jws, keyEnd: readNumber(keyEnd) } : undefined))
    .filter((grant) => grant !== undefined)
    .filter((grant) => grant.keyEnd > 0);
}

/** NaN for what is no number, so that every comparison with it is false. */
export function readNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && /^[0-9]{1,16}$/.test(value)) ? Number(value) : NaN;
}

function groups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.floor(list.length / size) }, (_, at) => list.slice(at * size, at * size + size));
}
