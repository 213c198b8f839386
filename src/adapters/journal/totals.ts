// The totals of the journal, when it is opened (core/totals.ts).
//
// 1. They are those of the newest head that has them, and of the lines behind it; where there is none near the end, all lines are read.
//    The tree has shown by then that these lines are the ones that were signed (tree.ts). Accident: after a crash or an upgrade the totals
//    begin anew, and no period can be proved.
import { noTotals, totalsIn, withEvent, type Totals } from '../../core/totals.ts';
import { piecesOf } from './pieces.ts';
import { parsed } from './read.ts';
import { LogBytes } from './segments.ts';

const newline = 10;
/** More than the records between two heads (journal.ts), unless all of them are as long as they may be. */
const nearEnd = 2 * 1024 * 1024;
/** So many bytes of a line hold its number, its host and its event. */
export const lineBeginning = 480;
const eventField = '"event":"';

/** Where the next event is named behind a place in lines, by the first field of that name, where the writer puts it; Infinity where none is. */
export function nextEvent(lines: string, from: number): number {
  const at = lines.indexOf(eventField, from);
  return at < 0 ? Infinity : at + eventField.length;
}

/** The event of a line: far faster than to parse it. @param line its first bytes */
export function eventIn(line: string): string | undefined {
  const at = nextEvent(line, 0);
  return at === Infinity ? undefined : line.slice(at, line.indexOf('"', at));
}

/** @param bytes where the journal ends, with a whole line @throws Error of the system */
export async function totalsOfFile(path: string, bytes: number): Promise<Totals> {
  if (bytes === 0) return noTotals;
  const end = await endOf(path, bytes);
  const found = lastTotals(end);
  return found === undefined ? countAll(path) : countLines(found.totals, end, found.behind);
}

async function endOf(path: string, bytes: number): Promise<Buffer> {
  using log = LogBytes.open(path, bytes - nearEnd);
  return await log.between(log.joined(bytes - nearEnd, bytes), bytes);
}

/** The totals of the last head that has them, and the byte behind its line. */
function lastTotals(end: Buffer): { readonly totals: Totals; readonly behind: number } | undefined {
  for (let hit = end.length; (hit = end.subarray(0, hit).lastIndexOf(`${eventField}head"`)) >= 0;) {
    const [start, behind] = [end.lastIndexOf(newline, hit) + 1, end.indexOf(newline, hit) + 1];
    const totals = behind === 0 ? undefined : totalsIn(parsed(end.toString('latin1', start, behind)));
    if (totals !== undefined) return { totals, behind };
  }
  return undefined;
}

function countLines(before: Totals, lines: Buffer, from: number): Totals {
  let totals = before;
  for (let start = from; start < lines.length;) {
    const end = lines.indexOf(newline, start);
    if (end < 0) break;
    totals = withEvent(totals, eventIn(lines.toString('latin1', start, Math.min(end, start + lineBeginning))) ?? '');
    start = end + 1;
  }
  return totals;
}

/** Where the first lines were removed (trim.ts), the totals begin with those of a head. */
async function countAll(path: string): Promise<Totals> {
  using log = LogBytes.open(path);
  let totals = noTotals;
  for await (const { bytes } of piecesOf(log)) {
    const found = lastTotals(bytes);
    totals = found === undefined ? countLines(totals, bytes, 1) : countLines(found.totals, bytes, found.behind);
  }
  return totals;
}
