// Finds a record by its number without reading the journal from its beginning.
//
// 1. Each line says its own number, so it is sought where it must be if all lines were equally long, and then nearer. A line that was edited
//    may lead astray: who uses a record that was found compares its hash with the tree's.
import { isMissing } from '../missing.ts';
import { LogBytes } from './segments.ts';

const newline = 10;
/** So much is read around a place. Most records have less than a kilobyte. */
const window = 16 * 1024;

/** A whole line of the journal: its text (latin1, without the newline) and its first byte. */
interface Line {
  readonly text: string;
  readonly start: number;
}

/** Whole lines of the journal, one or more, and the byte at which they begin. */
interface Lines {
  readonly bytes: Buffer;
  readonly start: number;
}

/** Places of the journal that begin a line, and between them the record that is looked for; and the numbers of the records there. */
interface Between {
  readonly low: number;
  readonly first: number;
  readonly high: number;
  /** Undefined while nothing is known of the end. */
  readonly behind: number | undefined;
}

/** `{"n":`, sixteen digits and the comma. */
const longestNumber = 22;
const numberOf = (text: string): number => Number(/^\{"n":([1-9]\d{0,15}),/.exec(text)?.[1] ?? Number.NaN);

/** @returns the byte at which the record with this number begins; undefined where it is not found (rule 1) */
export async function findRecord(path: string, n: number): Promise<number | undefined> {
  return withLog(path, async (log) => (await search(log, n))?.start);
}

/** @returns the text of the line of this record, latin1; undefined where it is not found (rule 1) */
export async function lineOf(path: string, n: number): Promise<string | undefined> {
  return withLog(path, async (log) => (await search(log, n))?.text);
}

async function search(log: LogBytes, n: number): Promise<Line | undefined> {
  let between: Between = log.segmentOf(n);
  for (let turn = 0; between.low < between.high; turn += 1) {
    const lines = await linesAround(log, guess(between, n, turn), between);
    const [first, last] = lines === undefined ? [Number.NaN, Number.NaN] : numbersIn(lines);
    if (lines === undefined || Number.isNaN(first) || Number.isNaN(last)) return undefined;
    if (n < first) between = { ...between, high: lines.start, behind: first };
    else if (n > last) between = { ...between, low: lines.start + lines.bytes.length, first: last + 1 };
    else return lineIn(lines, n);
  }
  return undefined;
}

/** Where the record would be if all were equally long. Each third guess is the middle, so that it ends soon wherever they are not. */
function guess({ low, first, high, behind }: Between, n: number, turn: number): number {
  if (behind === undefined && turn === 0) return high;
  if (behind === undefined || behind <= first || turn % 3 === 2) return Math.floor((low + high) / 2);
  return Math.floor(low + (high - low) * Math.min(1, Math.max(0, (n - first) / (behind - first))));
}

/** The whole lines around a byte; undefined where there is none between these places. */
async function linesAround(log: LogBytes, at: number, { low, high }: Between): Promise<Lines | undefined> {
  for (let half = window / 2; ; half *= 2) {
    const [from, to] = [Math.max(low, at - half), Math.min(high, at + half)];
    const bytes = await log.between(from, to);
    const start = from === low ? 0 : bytes.indexOf(newline) + 1;
    const end = bytes.lastIndexOf(newline) + 1;
    if (end > start && (start > 0 || from === low)) return { bytes: bytes.subarray(start, end), start: from + start };
    if (from === low && to === high) return undefined;
  }
}

/** The numbers of the first line and of the last. */
function numbersIn({ bytes }: Lines): readonly [number, number] {
  const last = bytes.lastIndexOf(newline, bytes.length - 2) + 1;
  const numberAt = (start: number): number => numberOf(bytes.toString('latin1', start, start + longestNumber));
  return [numberAt(0), numberAt(last)];
}

function lineIn({ bytes, start }: Lines, n: number): Line | undefined {
  const begin = `{"n":${n},`;
  const isFirst = bytes.toString('latin1', 0, begin.length) === begin;
  const at = isFirst ? 0 : bytes.indexOf(`\n${begin}`, 0, 'latin1') + 1;
  if (at === 0 && !isFirst) return undefined;
  return { text: bytes.toString('latin1', at, bytes.indexOf(newline, at)), start: start + at };
}

async function withLog<T>(path: string, task: (log: LogBytes) => Promise<T>): Promise<T | undefined> {
  try {
    using log = LogBytes.open(path);
    return await task(log);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
