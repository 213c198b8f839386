// Ids of requests, grants and connections: Crockford's base32, without I, L, O and U, since people read them aloud. An id names a thing
// and never authorises anything.
import type { Shape } from './shape.ts';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type RequestId = Branded<'RequestId'>;
export type GrantId = Branded<'GrantId'>;
export type ConnectionId = Branded<'ConnectionId'>;

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const typed = /^[0-9A-Za-z]{4,16}$/;
const spelled = new RegExp(`^[${alphabet}]+$`);
const sessionName = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
const login = /^[a-z_][a-z0-9_.-]{0,31}\$?(?:@[a-z0-9](?:[a-z0-9.-]{0,28}[a-z0-9])?)?$/i;

/** Makes one letter of each random byte from its low five bits, so that every letter is equally likely. */
export function spell(random: Uint8Array): string {
  return Array.from(random, (byte) => alphabet.charAt(byte & 31)).join('');
}

/** Random bytes (and letters) of each kind of id. That of a request is short because people type it. */
export const idBytes = { request: 6, grant: 10, connection: 10 } as const;

/** @param random at least `idBytes.request` random bytes */
export function requestId(random: Uint8Array): RequestId {
  return spell(random.subarray(0, idBytes.request)) as RequestId;
}

/** @param random at least `idBytes.grant` random bytes */
export function grantId(random: Uint8Array): GrantId {
  return spell(random.subarray(0, idBytes.grant)) as GrantId;
}

/** @param random at least `idBytes.connection` random bytes */
export function connectionId(random: Uint8Array): ConnectionId {
  return spell(random.subarray(0, idBytes.connection)) as ConnectionId;
}

/**
 * Reads an id as it was typed: in any case, with I and L read as 1 and O as 0 (Crockford's base32).
 * @returns undefined when the text is not an id.
 */
export function parseId(text: string): string | undefined {
  if (!typed.test(text)) return undefined;
  const id = text.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
  return spelled.test(id) ? id : undefined;
}

/** Whether a text may be a session name (law 9). tmux's exact match `=name` is not enough: `=$2`, `=pts/3` and `=:` resolve too. */
export function isSessionName(text: string): boolean {
  return sessionName.test(text);
}

/**
 * Whether a text may be a login: as useradd(8) takes it, or with a domain as sssd(8) gives it (`alice@corp.example.com`), at most 64
 * characters. No character that changes a path, splits a Redis key or is special in a Redis pattern; so not winbind's `CORP\alice`.
 */
export function isLogin(text: string): boolean {
  return login.test(text);
}

export const loginShape: Shape<string> = (value) => (typeof value === 'string' && isLogin(value) ? value : undefined);
