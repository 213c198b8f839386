// The gate's own messages. This folder has everything that people read, a file for each topic, as constants and as functions that fill in
// names, ids and durations of our own; only the refusals are elsewhere (core/refusals*.ts). Text from outside passes `sanitizeLine` of
// core/text.ts before it gets here, or here.
//
// Of this folder, the gate loads only this file before "go", since whatever it loads delays everybody.

/** While a gate waits for the next keeper. */
export const keeperRestarts = 'tmux-gate is restarting';

export interface WaitTimes {
  /** The time so far, as text. */
  readonly waited: string;
  /** The time until the wait ends by itself, as text; undefined: it does not. */
  readonly left: string | undefined;
}

/** The details after what is waited for (how long, and which key cancels), in three versions, the longest first. */
export function waitDetails({ waited, left }: WaitTimes, key: string): readonly [string, string, string] {
  const time = left === undefined ? waited : `${left} left`;
  return [` (${time}). Press ${key} to cancel.`, ` (${time}; ${key} cancels)`, ` (${time})`];
}

/** A refusal in one line, for a client that speaks sftp. */
export function inOneLine(code: string, say: string, hint: string): string {
  return `tmux-gate: ${say} [${code}] hint: ${hint}`;
}
