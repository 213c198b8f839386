// Finds a record by its number without reading the journal from its beginning.
//
// 1. Each line says its own number, so the file is searched by halves. A line that was edited may lead astray: who uses a record that was
//    found compares its hash with the tree's.
import { type FileHandle, open } from 'node:fs/promises';
import { isMissing } from '../missing.ts';

const newline = 10;
const step = 64 * 1024;

/** A whole line of the journal: its text (latin1, without the newline), its first byte, and the byte behind its newline. */
interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const numberOf = (text: string): number => Number(/^\{"n":([1-9]\d{0,15}),/.exec(text)?.[1] ?? Number.NaN);

/** @returns the byte at which the record with this number begins; undefined where it is not found (rule 1) */
export async function findRecord(path: string, n: number): Promise<number | undefined> {
  return withFile(path, async (file) => (await search(file, n))?.start);
}

/** @returns the text of the line of this record, latin1; undefined where it is not found (rule 1) */
export async function lineOf(path: string, n: number): Promise<string | undefined> {
  return withFile(path, async (file) => (await search(file, n))?.text);
}

async function search(file: FileHandle, n: number): Promise<Line | undefined> {
  let [low, high] = [0, (await file.stat()).size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineAfter(file, await startBefore(file, middle, low));
    if (line === undefined) {
      if (middle === low) return undefined;
      high = middle;
      continue;
    }
    const is = numberOf(line.text);
    if (is === n) return line;
    if (Number.isNaN(is)) return undefined;
    if (is < n) low = line.end;
    else high = line.start;
  }
  return undefined;
}

/** The first byte of the line that holds a byte. @param low a byte that begins a line, at or before it */
async function startBefore(file: FileHandle, at: number, low: number): Promise<number> {
  for (let end = at; end > low;) {
    const start = Math.max(low, end - step);
    const found = (await piece(file, start, end)).lastIndexOf(newline);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return low;
}

async function lineAfter(file: FileHandle, start: number): Promise<Line | undefined> {
  for (let window = step; ; window *= 2) {
    const bytes = await piece(file, start, start + window);
    const end = bytes.indexOf(newline);
    if (end >= 0) return { text: bytes.toString('latin1', 0, end), start, end: start + end + 1 };
    if (bytes.length < window) return undefined;
  }
}

async function piece(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  return bytes.subarray(0, bytesRead);
}

async function withFile<T>(path: string, task: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  try {
    await using file = await open(path);
    return await task(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
