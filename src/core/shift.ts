// One person's or group's time on call, as a schedule names it (core/on-call.ts).
/** Instants, milliseconds; `from` counts, `until` does not. */
export interface Shift {
  readonly from: number;
  readonly until: number;
  /** The turn comes again each time so much has passed; undefined: once. */
  readonly everyMs?: number;
  /** Rule 1. */
  readonly people: readonly string[];
}
