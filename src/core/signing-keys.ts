// The keys of a host: one signs its journal, others sign what hosts tell each other (law 8). Which of them count, and for what.
//
// 1. A retired key counts until its end and no longer. Attack: a key that somebody copied mints grants for ever.
// 2. A retired key signs nothing new: what bears an instant after its retirement is refused. Accident: a host is restored from a backup of
//    before the rotation and goes on with the old key. (Whoever copied a key can date back; its end stops them, and `--leaked` is an end at once.)
// 3. A signature names its key by the key's fingerprint, and no other key is tried. One that names the host alone is of the host's first key.
//    Attack: a signature of a key that ended passes as one of another.
// 4. The key of the journal is not exchanged: outsiders hold it to verify heads and evidence, and a log whose key changes is another log (C2SP
//    tlog-checkpoint). It is the first key of the host, so it signed the rest as well until the first rotation.
import type { Config } from './policy-types.ts';
import { integer, list, object, oneOf, optional, text } from './shape.ts';
import { second } from './time.ts';

/** Until when a key counts, and from when on it signs nothing new: instants, ms. Without them it is in use, or will be. */
export interface KeyTerms {
  readonly retiredAt?: number;
  readonly until?: number;
}

/** Whether a signature of this key counts at `now` (rules 1 and 2). @param signedAt the instant (ms) that what was signed bears */
export function counts({ retiredAt, until }: KeyTerms, now: number, signedAt: number | undefined): boolean {
  if (until !== undefined && now >= until) return false; // rule 1
  return retiredAt === undefined || signedAt === undefined || signedAt <= retiredAt; // rule 2
}

/** The field with the instant at which something of a kind was signed, or a moment before. The other kinds have none. */
const dated: Readonly<Record<string, string>> = {
  request: 'requestedAt',
  review: 'at',
  grant: 'start',
  'sign-in': 'at',
  lock: 'at',
};

/** The instant (ms) that a payload bears, for rule 2. */
export function signedAtOf(kind: string, payload: unknown): number | undefined {
  const field = dated[kind];
  if (field === undefined || typeof payload !== 'object' || payload === null) return undefined;
  const at = (payload as Readonly<Record<string, unknown>>)[field];
  return typeof at === 'number' ? at : undefined;
}

/** RFC 7638, SHA-256: 43 characters of base64url. */
const fingerprint = /^[A-Za-z0-9_-]{43}$/;
export const fingerprintShape = text(43, fingerprint);

/** What a JWS names as its key (`kid`): the host alone for its first key (rule 3). */
export function keyIdOf(host: string, key: string, first: string): string {
  return key === first ? host : `${host}#${key}`;
}

/** Reads what a JWS names as its key; `key` is undefined for the host's first one (rule 3). Undefined when it cannot be read. */
export function parseKeyId(kid: string): { readonly host: string; readonly key?: string } | undefined {
  const at = kid.indexOf('#');
  if (at < 0) return { host: kid };
  const key = kid.slice(at + 1);
  return fingerprint.test(key) ? { host: kid.slice(0, at), key } : undefined;
}

const base64url = text(64, /^[A-Za-z0-9_-]+$/);
const publicPart = { kty: oneOf('OKP'), crv: oneOf('Ed25519'), x: base64url };
const since = integer(0);

/** A key with its private half; `since`: when it was made, or from when on it signs (instant, ms). */
const pairShape = object({ ...publicPart, d: base64url, since });
export type Pair = NonNullable<ReturnType<typeof pairShape>>;

const retiredShape = object({ ...publicPart, since, retiredAt: integer(0), until: integer(0) });
export type Retired = NonNullable<ReturnType<typeof retiredShape>>;

export const mostRetired = 32;

/** The keys beside the first one, as this host keeps them. Without `current` the first one signs. */
export const ringShape = object({
  current: optional(pairShape),
  next: optional(pairShape),
  retired: list(retiredShape, mostRetired),
});
export type Ring = NonNullable<ReturnType<typeof ringShape>>;

/** How a rotation ends the key that signed until then. */
export interface Ending {
  /** When it counts no longer: instant, ms. */
  readonly until: number;
  /** Somebody else may have it, and with it every key of the folder. */
  readonly leaked: boolean;
}

/** A rotation at an instant (ms): the key that signs until then, without its private half, and its end. */
export interface RotationAt extends Ending {
  readonly signs: Omit<Pair, 'd'>;
  readonly now: number;
}

/** The keys after `next` has taken the place of the key that signs. */
export function rotated(ring: Ring, next: Pair, { signs, now, until, leaked }: RotationAt): Ring {
  const { kty, crv, x, since } = signs;
  const retiredAt = Math.ceil(now / second) * second; // files of peers have whole seconds
  const before = ring.retired.map((one) => (leaked ? { ...one, until: Math.min(one.until, until) } : one));
  const ended = (one: Retired): boolean => one.until <= now;
  const kept = [...before.filter(ended).slice(-mostEnded), ...before.filter((one) => !ended(one))];
  return { current: { ...next, since: now }, retired: [...kept, { kty, crv, x, since, retiredAt, until }] };
}

/** How many that have ended are kept, for `keys list` alone. */
const mostEnded = 8;

/** Whether one more can be retired: so many count at the same time only if somebody rotates all the time. */
export function hasRoom({ retired }: Ring, now: number): boolean {
  return retired.filter(({ until }) => until > now).length < mostRetired - mostEnded;
}

/** The longest life (ms) of what a key of this policy signs: sign-ins, requests and grants. */
export function longestLife({ signIn, request, sessions }: Pick<Config, 'signIn' | 'request' | 'sessions'>): number {
  const windows = Object.values(sessions).map(({ window }) => window.maxMs);
  return Math.max(signIn.lifetimeMs, request.answerWithinMs, ...windows);
}

/** When a key that is retired at `now` ends, unless somebody says how long: nothing that it signed lives longer. Whole seconds, in ms. */
export function overlapEnd(policy: Parameters<typeof longestLife>[0], ends: readonly number[], now: number): number {
  return Math.ceil(Math.max(now + longestLife(policy), ...ends) / second) * second;
}
