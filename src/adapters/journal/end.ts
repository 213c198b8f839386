// Reads the end of the journal backwards, because it grows for years and only its last line is needed. Places are of the whole journal
// (segments.ts, rule 1).
import { isMissing } from '../missing.ts';
import { LogBytes } from './segments.ts';

const newline = 10;
const step = 64 * 1024;
/** In bytes; far longer than any record (record.ts). */
const longestLine = 1024 * 1024;

/** Up to which byte there are whole lines; 0 when there is no journal. */
export async function wholeEnd(path: string): Promise<number> {
  return withLog(path, { missing: 0, from: Infinity }, async (log) => {
    for (let { end } = log; end > log.start;) {
      const piece = await log.between(log.joined(end - step, end), end);
      const at = piece.lastIndexOf(newline);
      if (at >= 0) return end - piece.length + at + 1;
      if (piece.length === 0) return end;
      end -= piece.length;
    }
    return log.start;
  });
}

/** The line whose newline is the last byte before `end`, as Latin-1; undefined when that byte is no newline, or is not there. */
export async function bytesBefore(path: string, end: number): Promise<string | undefined> {
  return withLog(path, { missing: undefined, from: end - longestLine }, async (log) => {
    for (let window = step; ; window *= 2) {
      const from = log.joined(end - window, end);
      const piece = await log.between(from, end);
      if (from === end || piece.length < end - from || piece.at(-1) !== newline) return undefined;
      const before = piece.lastIndexOf(newline, piece.length - 2);
      if (before >= 0 || from > end - window) return piece.toString('latin1', before + 1, piece.length - 1);
    }
  });
}

/** @param missing what there is without a journal @param from the first byte that is needed; the last segment is there anyway */
async function withLog<T>(
  path: string,
  { missing, from }: { readonly missing: T; readonly from: number },
  task: (log: LogBytes) => Promise<T>,
): Promise<T> {
  try {
    using log = LogBytes.open(path, from);
    return await task(log);
  } catch (error) {
    if (isMissing(error)) return missing;
    throw error;
  }
}
