// Parses what Redis answers. Anybody may have written it: what has a wrong type, size or number counts as missing.
import { valueLimit } from './lua.ts';

export type RequestState = 'pending' | 'approved' | 'denied' | 'withdrawn' | 'lapsed';

/** A request as it is stored; nothing of it is verified. */
export interface StoredRequest {
  readonly id: string;
  readonly jws: string;
  readonly state: RequestState;
  /** The reviews in the order in which they came: as many as the script that grants counts (lua.ts). */
  readonly reviews: readonly string[];
}

/** A stored grant; nothing of it is verified. */
export interface LiveKey {
  readonly key: string;
  readonly jws: string;
  /** When the key expires: milliseconds since the epoch. */
  readonly keyEnd: number;
}

/** A text, and the name under which it was left, of a host say: not verified. */
export interface Letter {
  readonly from: string;
  readonly jws: string;
}

/** Parses a list of name, text, name, text. */
export function readLetters(reply: unknown): readonly Letter[] {
  if (!Array.isArray(reply)) return [];
  return groups<unknown>(reply, 2).flatMap(([from, jws]) => (isText(from) && isText(jws) ? [{ from, jws }] : []));
}

const states: readonly string[] = ['pending', 'approved', 'denied', 'withdrawn', 'lapsed'] satisfies RequestState[];

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= valueLimit + 8;
const isState = (value: unknown): value is RequestState => isText(value) && states.includes(value);

/** Parses the hash of a request; undefined when it is malformed. */
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

/** Parses a list of id, hash, id, hash. Only pending requests are returned. */
export function readPending(reply: unknown): StoredRequest[] {
  if (!Array.isArray(reply)) return [];
  return groups<unknown>(reply, 2)
    .map(([id, hash]) => (isText(id) ? readRequest(id, hash) : undefined))
    .filter((entry) => entry !== undefined)
    .filter((entry) => entry.state === 'pending');
}

/** Parses a list of key, JWS, expiry. An entry without an expiry is left out. */
export function readGrants(reply: unknown): LiveKey[] {
  if (!Array.isArray(reply)) return [];
  return groups<unknown>(reply, 3)
    .map(([key, jws, keyEnd]) => (isText(key) && isText(jws) ? { key, jws, keyEnd: readNumber(keyEnd) } : undefined))
    .filter((grant) => grant !== undefined)
    .filter((grant) => grant.keyEnd > 0);
}

/** A number; NaN for anything else, so that every comparison with it is false. */
export function readNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && /^[0-9]{1,16}$/.test(value)) ? Number(value) : NaN;
}

function groups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.floor(list.length / size) }, (_, at) => list.slice(at * size, at * size + size));
}
