// Break-glass: one-time codes that root issued beforehand, for when nobody can be asked (docs/design.md, "When something is gone"). The one exception to
// law 3, so it has its own verb and its own alarm, and one use blocks the next until somebody has looked at it.
//
// 1. A code is `ID-SECRET`: the id says which hash to compare with and is no secret; the secret has 80 bits.
// 2. Wrong codes are counted for the login that typed them, and after a few of them none of theirs is tried for a while. Attack: somebody
//    without rights types five wrong ones, again and again, and closes break-glass for everybody. Whoever guesses from many logins
//    still meets 80 bits.
import { grantShape, type Grant } from './grant.ts';
import { boolean, integer, list, object, optional, text } from './shape.ts';

export const codeBytes = { id: 4, secret: 16 } as const;

/** Wrong codes of one login within `spanMs` until none of theirs is tried for `pauseMs`. */
const most = 5;
const spanMs = 15 * 60_000;
export const pauseMs = 15 * 60_000;

/** Of all that were ever issued; the oldest of those that open nothing any more go first. */
export const mostCodes = 1000;

const codeShape = object({
  id: text(8),
  salt: text(64),
  hash: text(128),
  issuedAt: integer(0),
  usedAt: optional(integer(0)),
  usedBy: optional(text(64)),
  voided: optional(boolean),
});

const useShape = object({
  code: text(8),
  login: text(64),
  session: text(32),
  grant: text(16),
  at: integer(0),
  /** For the notice. */
  reason: optional(text(400)),
  address: optional(text(128)),
  /** Until its grant is written down: the code is used up, and nobody was let in. */
  unfinished: optional(boolean),
});
export type Use = NonNullable<ReturnType<typeof useShape>>;

export const glassShape = object({
  codes: list(codeShape, mostCodes),
  /** The use that nobody has looked at yet. */
  unreviewed: optional(useShape),
  /** Of a version that counted wrong codes for the whole host. */
  wrong: optional(list(integer(0), 100)),
  /** What codes opened. */
  grants: optional(list(grantShape, 100)),
});

export type Glass = NonNullable<ReturnType<typeof glassShape>>;
export type Code = Glass['codes'][number];

export const noGlass: Glass = { codes: [] };

/** How people write a code: groups of four, whatever case; the look-alikes of Crockford's base32 are read as it names them. */
export function readCode(typed: string): { readonly id: string; readonly secret: string } | undefined {
  const plain = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  if (!/^[0-9A-HJKMNP-TV-Z]{20}$/.test(plain)) return undefined;
  return { id: plain.slice(0, codeBytes.id), secret: plain.slice(codeBytes.id) };
}

export function writeCode(id: string, secret: string): string {
  return `${id}-${secret.match(/.{4}/g)?.join('-') ?? ''}`;
}

export function stateOf({ usedAt, voided }: Code): 'open' | 'used' | 'void' {
  if (usedAt !== undefined) return 'used';
  return voided === true ? 'void' : 'open';
}

/** The codes that stay when `count` more are issued; undefined when so many are open that there is no room. */
export function withRoom(codes: readonly Code[], count: number): readonly Code[] | undefined {
  const over = codes.length + count - mostCodes;
  const dropped = new Set(codes.filter((code) => stateOf(code) !== 'open').slice(0, Math.max(0, over)));
  return dropped.size < over ? undefined : codes.filter((code) => !dropped.has(code));
}

/** Rule 2: until when no code of a login is tried (instant, milliseconds); undefined when one may be. @param wrong instants of theirs */
export function pausedUntil(wrong: readonly number[], now: number): number | undefined {
  const recent = wrong.filter((at) => now - at < spanMs);
  const last = recent.at(-1);
  return recent.length >= most && last !== undefined && now < last + pauseMs ? last + pauseMs : undefined;
}

/** Those that still count, and one more. */
export function withWrong(wrong: readonly number[], now: number): readonly number[] {
  return [...wrong.filter((at) => now - at < spanMs), now].slice(-most);
}

/** The code used up by a use that nobody has looked at; undefined when it opens nothing (any more). */
export function withUse(glass: Glass, use: Use): Glass | undefined {
  const code = glass.codes.find(({ id }) => id === use.code);
  if (code === undefined || stateOf(code) !== 'open' || glass.unreviewed !== undefined) return undefined;
  const used = { ...code, usedAt: use.at, usedBy: use.login };
  return { ...glass, codes: glass.codes.map((one) => (one === code ? used : one)), unreviewed: use };
}

/** The grant of a use, and the use as finished. @param now forgets grants that are over: instant, milliseconds */
export function withGrant(glass: Glass, grant: Grant, now: number): Glass {
  const grants = [...(glass.grants ?? []).filter(({ end }) => end > now), grant];
  return { ...finished(glass), grants };
}

/** Nothing more is to come of the use. */
export function finished(glass: Glass): Glass {
  return glass.unreviewed === undefined ? glass : { ...glass, unreviewed: { ...glass.unreviewed, unfinished: false } };
}

export function withVoided(glass: Glass, id: string | undefined): { readonly glass: Glass; readonly count: number } {
  const named = glass.codes.filter((code) => stateOf(code) === 'open' && (id === undefined || code.id === id));
  const codes = glass.codes.map((code) => (named.includes(code) ? { ...code, voided: true } : code));
  return { glass: { ...glass, codes }, count: named.length };
}

/** Without the use that was looked at; undefined when another one, or none, waits by now. @param grant the use's */
export function withReviewed({ unreviewed, ...glass }: Glass, grant: string): Glass | undefined {
  return unreviewed?.grant === grant ? glass : undefined;
}

const issuer = 'break-glass';

/** A grant that no review made: known by whose word it stands on. It never goes to Redis. */
export function isBreakGlass({ who }: Pick<Grant, 'who'>): boolean {
  return who.issuer === issuer;
}

export function glassPerson(login: string, code: string): Grant['who'] {
  return { issuer, subject: login, login, claim: `break-glass code ${code}` };
}
