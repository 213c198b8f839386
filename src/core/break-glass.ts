// Break-glass: one-time codes that root issued beforehand, for when nobody can be asked (design section 8). The one exception to
// law 3, so it has its own verb and its own alarm, and one use blocks the next until somebody has looked at it.
//
// 1. A code is `ID-SECRET`: the id says which hash to compare with and is no secret; the secret has 80 bits.
// 2. Wrong codes are counted for the whole host, and after a few of them none is tried for a while: whoever guesses is slowed
//    down wherever they come from.
import type { Grant } from './grant.ts';
import { boolean, integer, list, object, optional, text } from './shape.ts';

export const codeBytes = { id: 4, secret: 16 } as const;

/** Wrong codes within `spanMs` until no code is tried for `pauseMs`. */
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

export const glassShape = object({
  codes: list(codeShape, mostCodes),
  /** Instants of wrong codes. */
  wrong: list(integer(0), 100),
  /** The use that nobody has looked at yet. */
  unreviewed: optional(object({ code: text(8), login: text(64), session: text(32), grant: text(16), at: integer(0) })),
});

export type Glass = NonNullable<ReturnType<typeof glassShape>>;
export type Code = Glass['codes'][number];

export const noGlass: Glass = { codes: [], wrong: [] };

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

/** Rule 2: until when no code is tried (instant, milliseconds); undefined when one may be. */
export function pausedUntil({ wrong }: Glass, now: number): number | undefined {
  const recent = wrong.filter((at) => now - at < spanMs);
  const last = recent.at(-1);
  return recent.length >= most && last !== undefined && now < last + pauseMs ? last + pauseMs : undefined;
}

export function withWrong(glass: Glass, now: number): Glass {
  return { ...glass, wrong: [...glass.wrong.filter((at) => now - at < spanMs), now].slice(-most) };
}

const issuer = 'break-glass';

/** A grant that no review made: known by whose word it stands on. It never goes to Redis. */
export function isBreakGlass({ who }: Pick<Grant, 'who'>): boolean {
  return who.issuer === issuer;
}

export function glassPerson(login: string, code: string): Grant['who'] {
  return { issuer, subject: login, login, claim: `break-glass code ${code}` };
}
