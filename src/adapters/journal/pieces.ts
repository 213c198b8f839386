// Reads a journal in large pieces of whole lines, for whoever hashes all of it: ten million small strings cost more than their hashes.
import type { LogBytes } from './segments.ts';

const newline = 10;
const pieceBytes = 1024 * 1024;

/** The bytes of whole lines behind one byte that is nobody's. They are valid, and may be changed, until the next is asked for. */
export interface Piece {
  readonly bytes: Buffer;
  /** Whether this is the last, and the file ends with a part of a line. */
  readonly torn: boolean;
}

/** @throws Error of the system; RangeError at a line that is longer than a piece */
export async function* piecesOf(log: LogBytes): AsyncGenerator<Piece> {
  const bytes = Buffer.alloc(pieceBytes);
  for (let [at, filled] = [log.start, 1]; ;) {
    if (filled === pieceBytes) throw new RangeError('a line is longer than any record');
    const { count, next } = await log.read(bytes, { offset: filled, length: pieceBytes - filled }, at);
    at = next;
    filled += count;
    const end = bytes.subarray(0, filled).lastIndexOf(newline) + 1;
    if (count === 0 || end > 0) yield { bytes: bytes.subarray(0, end), torn: count === 0 && filled > 1 };
    if (count === 0) return;
    if (end === 0) continue;
    bytes.copyWithin(1, end, filled);
    filled = 1 + filled - end;
  }
}
