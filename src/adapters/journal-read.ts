// Reading the journal, while it is written or after. Lines end with a newline and nothing else: what the chain digests is
// bytes, so nothing is decoded that could make two texts alike (Latin-1 maps each byte to one character).
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

export const journalName = 'journal.jsonl';
export const headName = 'head.jws';

/** Longer than any line that is written; the rest of a longer one is left out. */
const lineLimit = 64 * 1024;
const newline = '\n';

/** How much of a journal counts, and the newest signed head, for a reader beside its writer. */
export interface Extent {
  readonly path: string;
  readonly bytes: number;
  readonly head: string;
}

export interface JournalLine {
  readonly text: string;
  /** False for a last line without its newline: torn by a crash, cut, or being written. */
  readonly whole: boolean;
}

/** Every line of a file from a byte on, streamed. @param end how many bytes of it count; all of them when it is undefined. */
export async function* journalLines(path: string, end?: number, start = 0): AsyncGenerator<JournalLine> {
  if (end === 0) return;
  let rest = '';
  const stream = createReadStream(path, { encoding: 'latin1', start, ...(end === undefined ? {} : { end: end - 1 }) });
  for await (const chunk of stream) {
    const lines = (chunk as string).split(newline);
    for (const piece of lines.slice(0, -1)) {
      yield { text: (rest + piece).slice(0, lineLimit), whole: true };
      rest = '';
    }
    rest = (rest + (lines.at(-1) ?? '')).slice(0, lineLimit);
  }
  if (rest !== '') yield { text: rest, whole: false };
}

export type JournalRecord = Readonly<Record<string, unknown>>;
export type RecordFilter = (record: JournalRecord) => boolean;

/**
 * The records of a journal in their order. What is no record is left out here; verifyJournal is who reports it.
 * @param from a byte at which a line begins; beyond the end there is nothing.
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

export function parsed(text: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JournalRecord) : undefined;
  } catch {
    return undefined;
  }
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
