// Tables for people, and JSON for programs: what listings print, of the keeper and of the CLI. Every text that a person wrote is
// filtered again on the way out (law 9).
import { asciiJson, sanitizeLine } from '../core/text.ts';
import { seconds } from '../core/time.ts';
import { padTo, widthOf } from './width.ts';

// Fields that `json` prints as ISO 8601.
const instants: ReadonlySet<string> = new Set([
  ...['at', 'start', 'end', 'since', 'until', 'kept', 'requestedAt', 'answerBy', 'issuedAt', 'usedAt', 'signedInUntil'],
]);

/**
 * JSON for programs, the same for all listings: an instant is ISO 8601 in UTC; a duration is in seconds, rounded up, and its field says so
 * (`durationSeconds`).
 */
export function json(value: unknown): string {
  return asciiJson(withTimes(value));
}

function withTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTimes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => timed(name, item)));
}

function timed(name: string, value: unknown): readonly [string, unknown] {
  if (typeof value !== 'number') return [name, withTimes(value)];
  if (instants.has(name)) return [name, new Date(value).toISOString()];
  return name.endsWith('Ms') ? [`${name.slice(0, -2)}Seconds`, seconds(value)] : [name, value];
}

/**
 * Columns are as wide as their widest cell. Cells are filtered (law 9).
 * @param columns of the terminal; undefined when it is none, or when it is not known. Where the table is wider, the last cell of each row
 *   goes under the others, or each row becomes a list of its cells.
 */
export function table(head: Row, rows: readonly Row[], columns?: number): readonly string[] {
  const cells = [head, ...rows.map((row) => row.map((cell) => sanitizeLine(cell, 400)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0);
  if (columns === undefined || before + (widths.at(-1) ?? 0) <= columns)
    return cells.map((row) => aligned(row, widths));
  if (before - gap.length <= columns)
    return cells.flatMap((row) => [aligned(row.slice(0, -1), widths), `${gap}${row.slice(-1).join('')}`.trimEnd()]);
  return listOf(head, cells.slice(1));
}

type Row = readonly string[];

const gap = '  ';

function aligned(row: Row, widths: readonly number[]): string {
  const last = row.length - 1;
  return row
    .map((cell, column) => (column === last ? cell : padTo(cell, widths[column] ?? 0)))
    .join(gap)
    .trimEnd();
}

/** Each row as one cell a line behind the name of its column, and an empty line between two rows. */
function listOf(head: Row, rows: readonly Row[]): readonly string[] {
  const width = Math.max(...head.map(widthOf));
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : ['']),
    ...row.map((cell, column) => `${padTo(head[column] ?? '', width)}${gap}${cell}`.trimEnd()),
  ]);
}
