// Break-glass: one-time codes that root issued beforehand, for when nobody can be asked (docs/design.md, "When something is gone").
// An exception to law 3, so it has its own verb and its own alarm, and one use blocks the next until somebody has reviewed it.
//
// 1. A code is `ID-SECRET`: the id says which hash to compare with and is not secret; the secret has 80 random bits.
// 2. Wrong codes are counted per login; after a few, no code of that login is tried for a while. Attack: somebody without rights types
//    five wrong codes again and again, and so blocks break-glass for everybody. Guessing from many logins still faces 80 bits.
import { grantShape, type Grant } from './grant.ts';
import { boolean, integer, list, object, optional, text } from './shape.ts';

/** Letters of a code, five bits each; one random byte makes one letter (core/ids.ts, `spell`). */
export const codeBytes = { id: 4, secret: 16 } as const;

/** After so many wrong codes within `spanMs`, no code of that login is tried for `pauseMs`. */
const most = 5;
const spanMs = 15 * 60_000;
export const pauseMs = 15 * 60_000;

/** How many codes are kept; the oldest used or voided ones are dropped first. */
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
  /** This and the address are for the notice. */
  reason: optional(text(400)),
  address: optional(text(128)),
  /** True until its grant is stored: the code is used up, and nobody was let in. */
  unfinished: optional(boolean),
});
export type Use = NonNullable<ReturnType<typeof useShape>>;

export const breakGlassShape = object({
  codes: list(codeShape, mostCodes),
  /** The use that nobody has reviewed yet. */
  unreviewed: optional(useShape),
  /** Instants of wrong codes of the whole host; an earlier version wrote it, nothing reads it. */
  wrong: optional(list(integer(0), 100)),
  /** The grants that codes made. */
  grants: optional(list(grantShape, 100)),
});

export type BreakGlassState = NonNullable<ReturnType<typeof breakGlassShape>>;
export type Code = BreakGlassState['codes'][number];

export const noBreakGlass: BreakGlassState = { codes: [] };

/**
 * Reads a code as it was typed: any case, spaces and dashes ignored, I and L as 1, O as 0 (Crockford's base32).
 * @returns undefined when it does not have the form of a code.
 */
export function readCode(typed: string): { readonly id: string; readonly secret: string } | undefined {
  const plain = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  if (!/^[0-9A-HJKMNP-TV-Z]{20}$/.test(plain)) return undefined;
  return { id: plain.slice(0, codeBytes.id), secret: plain.slice(codeBytes.id) };
}

/** The code as root reads it: `ID-SECR-ETSE-...`, the secret in groups of four. */
export function writeCode(id: string, secret: string): string {
  return `${id}-${secret.match(/.{4}/g)?.join('-') ?? ''}`;
}

/** Whether a code can still be used. */
export function stateOf({ usedAt, voided }: Code): 'open' | 'used' | 'void' {
  if (usedAt !== undefined) return 'used';
  return voided === true ? 'void' : 'open';
}

/** The codes to keep when `count` more are issued; undefined when too many unused ones leave no room. */
export function withRoom(codes: readonly Code[], count: number): readonly Code[] | undefined {
  const over = codes.length + count - mostCodes;
  const dropped = new Set(codes.filter((code) => stateOf(code) !== 'open').slice(0, Math.max(0, over)));
  return dropped.size < over ? undefined : codes.filter((code) => !dropped.has(code));
}

/** Rule 2: until when no code of a login is tried (instant, ms); undefined when one may be. @param wrong instants of its wrong codes */
export function pausedUntil(wrong: readonly number[], now: number): number | undefined {
  const recent = wrong.filter((at) => now - at < spanMs);
  const last = recent.at(-1);
  return recent.length >= most && last !== undefined && now < last + pauseMs ? last + pauseMs : undefined;
}

/** The wrong codes of a login that still count, and one more at `now` (instants, ms). */
export function withWrong(wrong: readonly number[], now: number): readonly number[] {
  return [...wrong.filter((at) => now - at < spanMs), now].slice(-most);
}

/** Marks a code as used by an unreviewed use; undefined when the code is unknown, used or void, or another use waits for its review. */
export function withUse(state: BreakGlassState, use: Use): BreakGlassState | undefined {
  const code = state.codes.find(({ id }) => id === use.code);
  if (code === undefined || stateOf(code) !== 'open' || state.unreviewed !== undefined) return undefined;
  const used = { ...code, usedAt: use.at, usedBy: use.login };
  return { ...state, codes: state.codes.map((one) => (one === code ? used : one)), unreviewed: use };
}

/** Adds the grant of the waiting use and marks that use as finished. @param now grants that ended before it are dropped: instant, ms */
export function withGrant(state: BreakGlassState, grant: Grant, now: number): BreakGlassState {
  const grants = [...(state.grants ?? []).filter(({ end }) => end > now), grant];
  return { ...finished(state), grants };
}

/** Marks the waiting use as finished: whether or not it made a grant, no further step of it follows. */
export function finished(state: BreakGlassState): BreakGlassState {
  return state.unreviewed === undefined ? state : { ...state, unreviewed: { ...state.unreviewed, unfinished: false } };
}

/** Voids the unused code with this id, or all unused codes when `id` is undefined. `count` says how many were voided. */
export function withVoided(
  state: BreakGlassState,
  id: string | undefined,
): { readonly state: BreakGlassState; readonly count: number } {
  const named = state.codes.filter((code) => stateOf(code) === 'open' && (id === undefined || code.id === id));
  const codes = state.codes.map((code) => (named.includes(code) ? { ...code, voided: true } : code));
  return { state: { ...state, codes }, count: named.length };
}

/** Removes the reviewed use; undefined when by now another use, or none, waits for a review. @param grant the id of the use's grant */
export function withReviewed({ unreviewed, ...state }: BreakGlassState, grant: string): BreakGlassState | undefined {
  return unreviewed?.grant === grant ? state : undefined;
}

const issuer = 'break-glass';

/** Whether a grant was made by a break-glass code and not by reviews. Such a grant is never stored in Redis. */
export function isBreakGlass({ who }: Pick<Grant, 'who'>): boolean {
  return who.issuer === issuer;
}

/** The person of a break-glass grant: the login, with an issuer that no provider has. @param code the id of the code */
export function breakGlassPerson(login: string, code: string): Grant['who'] {
  return { issuer, subject: login, login, claim: `break-glass code ${code}` };
}
