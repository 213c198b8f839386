// The size of a terminal. Accident: `ssh -tt` from something that is not a terminal says 0x0, and a tmux client of one column would
// shrink the window of everybody else in the session.

/** In characters. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

const largest = 10_000;
const isKnown = (n: number | undefined): n is number => n !== undefined && n > 0 && n <= largest;

/** The size in columns and rows; 80x24 where either is unknown or out of range. */
export function sizeOf({ columns, rows }: { readonly columns?: number; readonly rows?: number }): TerminalSize {
  return isKnown(columns) && isKnown(rows) ? { cols: columns, rows } : { cols: 80, rows: 24 };
}
