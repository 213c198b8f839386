// What to send so that a terminal that shows these lines shows those: the lines that changed, and of a line whose seconds moved
// only these. A slow line carries some ten bytes a second for each countdown.
import type { Row } from './dashboard-draw.ts';

/**
 * Alternate screen, no cursor, no automatic wrapping (a character that is wider than counted is clipped), pastes marked as such
 * (xterm's ctlseqs, DEC private modes 1049, 25, 7, 2004); and all of it undone.
 */
export const enterScreen = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[0m\u001b[2J';
export const leaveScreen = '\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l';

export function paintChanges(before: readonly Row[], after: readonly Row[], colour: boolean): string {
  return after.map((line, at) => change(before[at], line, at + 1, colour)).join('');
}

function change(before: Row | undefined, after: Row, row: number, colour: boolean): string {
  if (before?.text === after.text && before.look === after.look) return '';
  const span = before?.look === after.look ? changedSpan(before.text, after.text) : undefined;
  if (span !== undefined) return `${at(row, span.from + 1)}${dressed(span.text, after.look, colour)}`;
  return `${at(row, 1)}\u001b[2K${dressed(after.text, after.look, colour)}`;
}

const at = (row: number, column: number): string => `\u001b[${row};${column}H`;

function dressed(text: string, look: string, colour: boolean): string {
  return colour && look !== '' ? `\u001b[${look}m${text}\u001b[0m` : text;
}

const onlyAscii = /^[ -~]*$/;

/** Of two texts of one length, each character a column wide, what differs; undefined where that cannot be told. */
function changedSpan(before: string, after: string): { readonly from: number; readonly text: string } | undefined {
  if (before.length !== after.length || !onlyAscii.test(before) || !onlyAscii.test(after)) return undefined;
  let from = 0;
  while (before[from] === after[from]) from += 1;
  let to = after.length;
  while (before[to - 1] === after[to - 1]) to -= 1;
  return { from, text: after.slice(from, to) };
}
