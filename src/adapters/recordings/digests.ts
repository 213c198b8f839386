// The digests of parts of a file.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** SHA-256 of a text, hex. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const pieceBytes = 256 * 1024;

/** SHA-256 of bytes `from` to `to` (excluded), hex; undefined when the file ends before. @throws Error of the system */
export async function digestOf(file: FileHandle, from: number, to: number): Promise<string | undefined> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(pieceBytes, to - from));
  for (let at = from; at < to;) {
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, to - at), at);
    if (bytesRead === 0) return undefined;
    hash.update(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('hex');
}
