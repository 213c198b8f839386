// Reads the journal, while it is written or later. A line ends with a newline and nothing else. The chain digests bytes, so bytes are
// read as Latin-1, which maps each byte to one character: no two texts become alike.
import { join } from 'node:path';
import { isMissing } from '../missing.ts';
import { LogBytes, segmentsIn } from './segments.ts';

export const journalName = 'journal.jsonl';
/** Where earlier versions kept the signed head. */
export const headName = 'head.jws';

/** Longer than any line that is written, in characters; the rest of a longer line is dropped. */
const lineLimit = 64 * 1024;
const newline = '\n';
const pieceBytes = 64 * 1024;

/** How many bytes of a journal are complete, and the newest signed head. For a reader that works while the keeper writes. */
export interface Extent {
  /** Of the file that grows: the journal is that and the segments beside it. */
  readonly path: string;
  readonly bytes: number;
  readonly head: string;
}

/** A line of the journal's file, as Latin-1. */
export interface JournalLine {
  readonly text: string;
  /** False for a last line without its newline: it was torn by a crash, cut, or is being written. */
  readonly whole: boolean;
}

/** Streams the lines of a journal. @param end the byte behind the last that counts; undefined: all. @param start the first byte. */
export async function* journalLines(path: string, end = Infinity, start = 0): AsyncGenerator<JournalLine> {
  if (end <= start) return;
  using log = LogBytes.open(path, start);
  const bytes = Buffer.alloc(pieceBytes);
  let rest = '';
  for (let at = start; at < end;) {
    const { count, next } = await log.read(bytes, { offset: 0, length: Math.min(pieceBytes, end - at) }, at);
    if (count === 0 || next - count >= end) break;
    at = next;
    const lines = bytes.toString('latin1', 0, count).split(newline);
    for (const piece of lines.slice(0, -1)) {
      yield { text: (rest + piece).slice(0, lineLimit), whole: true };
      rest = '';
    }
    rest = (rest + (lines.at(-1) ?? '')).slice(0, lineLimit);
  }
  if (rest !== '') yield { text: rest, whole: false };
}

/** The number of the first record that a folder has; 1 where none was removed. */
export function firstRecordIn(folder: string): number {
  return segmentsIn(folder)[0]?.first ?? 1;
}

/** The whole lines of the journal in a folder; none where there is no journal. @throws Error of the system */
export async function* wholeLines(folder: string): AsyncGenerator<string> {
  try {
    for await (const { text, whole } of journalLines(join(folder, journalName))) if (whole) yield text;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export type JournalRecord = Readonly<Record<string, unknown>>;
export type RecordFilter = (record: JournalRecord) => boolean;

/**
 * Streams the records of a journal in their order. Lines that are no records are skipped; `verifyJournal` reports them.
 * @param from the byte at which to begin, which must begin a line; beyond the end there are no records.
 */
export async function* readRecords(
  folder: string,
  filter: RecordFilter = () => true,
  end?: number,
  from = 0,
): AsyncGenerator<JournalRecord> {
  if (end !== undefined && from >= end) return;
  for await (const { text, whole } of journalLines(join(folder, journalName), end, from)) {
    const record = whole ? parsed(text) : undefined;
    if (record !== undefined && filter(record)) yield record;
  }
}

/** The record in a line; undefined when it holds no JSON object. */
export function parsed(text: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JournalRecord) : undefined;
  } catch {
    return undefined;
  }
}
