// What the gate says by itself. The catalogue: what a person reads stands in this folder, a file for each topic, as constants and as
// functions that fill in our own names, ids and durations. Its other part are the refusals (core/refusals*.ts). What somebody else wrote
// passes `sanitizeLine` of core/text.ts before it gets here, or here.
//
// Of this folder the gate loads this file alone before "go": all that it loads by then is what everybody waits for.

/** While a gate waits for the next keeper. */
export const keeperRestarts = 'The keeper restarts';

export interface WaitTimes {
  /** In words. */
  readonly waited: string;
  /** Undefined where the wait has no end of its own. */
  readonly left: string | undefined;
}

/** What stands behind that which is waited for, the longest first: how long, and which key leaves. */
export function waitDetails({ waited, left }: WaitTimes, key: string): readonly [string, string, string] {
  const until = left === undefined ? '' : `, ${left} left`;
  return [` (${waited}${until}; ${key} cancels)`, ` (${waited}; ${key} cancels)`, ` (${waited})`];
}

/** A refusal in one line, for a client that speaks sftp. */
export function inOneLine(code: string, say: string, hint: string): string {
  return `tmux-gate: ${say} [${code}] hint: ${hint}`;
}
