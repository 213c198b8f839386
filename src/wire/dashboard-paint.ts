// Updates a terminal from one screen to the next with few bytes: only changed lines, and of a line of the same length only the changed
// part. A countdown costs about ten bytes a second on a slow connection.
import type { Row } from './dashboard-draw.ts';

/**
 * Alternate screen, no cursor, no automatic wrapping (so a character that is wider than counted is clipped), bracketed paste (xterm's
 * ctlseqs, DEC private modes 1049, 25, 7, 2004). `leaveScreen` undoes it.
 */
export const enterScreen = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[0m\u001b[2J';
export const leaveScreen = '\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l';

/** The bytes that change a terminal from showing `before` to showing `after`; '' when nothing changed. */
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

/** The part in which two ASCII texts of the same length differ; undefined for other texts, whose columns are not certain. */
function changedSpan(before: string, after: string): { readonly from: number; readonly text: string } | undefined {
  if (before.length !== after.length || !onlyAscii.test(before) || !onlyAscii.test(after)) return undefined;
  let from = 0;
  while (before[from] === after[from]) from += 1;
  let to = after.length;
  while (before[to - 1] === after[to - 1]) to -= 1;
  return { from, text: after.slice(from, to) };
}
