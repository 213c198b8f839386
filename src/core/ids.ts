// Ids that people read aloud at 3 am: Crockford base32, no I, L, O or U. An id names a thing and never authorises one.
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

/** Each byte gives one letter by its low five bits, so every letter is equally likely. */
export function spell(random: Uint8Array): string {
  return Array.from(random, (byte) => alphabet.charAt(byte & 31)).join('');
}

/** Bytes of randomness an id takes: a request is typed by hand, the others are pasted. */
export const idBytes = { request: 6, grant: 10, connection: 10 } as const;

export function requestId(random: Uint8Array): RequestId {
  return spell(random.subarray(0, idBytes.request)) as RequestId;
}

export function grantId(random: Uint8Array): GrantId {
  return spell(random.subarray(0, idBytes.grant)) as GrantId;
}

export function connectionId(random: Uint8Array): ConnectionId {
  return spell(random.subarray(0, idBytes.connection)) as ConnectionId;
}

/**
 * Reads an id as it was typed: lower case, and the look-alikes that Crockford's base32 names (I, L are 1; O is 0).
 * @returns the id, or undefined when the text is none.
 */
export function parseId(text: string): string | undefined {
  if (!typed.test(text)) return undefined;
  const id = text.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
  return spelled.test(id) ? id : undefined;
}

/** Design law 9: the only session names there are; `=name` alone is not exact in tmux (`=$2`, `=pts/3`, `=:` resolve). */
export function isSessionName(text: string): boolean {
  return sessionName.test(text);
}

/**
 * A Unix login as useradd(8) takes it, or with a domain behind it as sssd(8) gives it (`alice@corp.example.com`), 64 characters in all;
 * nothing that could climb a path, split a Redis key or mean something in one of its patterns: not winbind's `CORP\alice`.
 */
export function isLogin(text: string): boolean {
  return login.test(text);
}

export const loginShape: Shape<string> = (value) => (typeof value === 'string' && isLogin(value) ? value : undefined);
