// Reads the end of the journal's file backwards, because the file grows for years and only its last line is needed.
import { type FileHandle, open } from 'node:fs/promises';
import { isMissing } from '../missing.ts';

const newline = 10;
const step = 64 * 1024;

/** How many bytes of the file are whole lines; 0 when it is missing. */
export async function wholeEnd(path: string): Promise<number> {
  return withFile(path, 0, async (file) => {
    for (let end = (await file.stat()).size; end > 0;) {
      const piece = await read(file, Math.max(0, end - step), end);
      const at = piece.lastIndexOf(newline);
      if (at >= 0) return end - piece.length + at + 1;
      end -= piece.length;
    }
    return 0;
  });
}

/** The line whose newline is the last byte before `end`, as Latin-1; undefined when that byte is no newline, or the file is missing. */
export async function bytesBefore(path: string, end: number): Promise<string | undefined> {
  return withFile(path, undefined, async (file) => {
    for (let window = step; ; window *= 2) {
      const piece = await read(file, Math.max(0, end - window), end);
      if (piece.at(-1) !== newline) return undefined;
      const before = piece.lastIndexOf(newline, piece.length - 2);
      if (before >= 0 || window >= end) return piece.toString('latin1', before + 1, piece.length - 1);
    }
  });
}

async function withFile<T>(path: string, missing: T, task: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    await using file = await open(path);
    return await task(file);
  } catch (error) {
    if (isMissing(error)) return missing;
    throw error;
  }
}

async function read(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const piece = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(piece, 0, piece.length, start);
  return piece.subarray(0, bytesRead);
}
