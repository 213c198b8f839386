/** A time during which some people are on call (core/on-call.ts). Instants, milliseconds; `from` is included, `until` is not. */
export interface Shift {
  readonly from: number;
  readonly until: number;
  /** The shift repeats after this time; undefined: it happens once. */
  readonly everyMs?: number;
  /** Logins, or values of the login claim (core/on-call.ts, rule 1). */
  readonly people: readonly string[];
}
