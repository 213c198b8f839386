// The digests of parts of a file.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { chainAfter, noChain } from '../../core/recording/ranges.ts';
import { unlessMissing } from '../missing.ts';
import { sha256 } from '../sha256.ts';

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

/**
 * The chain over the ranges that end at these bytes, in their order; undefined when the file is missing or ends before.
 * @throws Error of the system
 */
export async function chainOf(path: string, cuts: readonly number[]): Promise<string | undefined> {
  let [chain, from] = [noChain, 0];
  const opened = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(unlessMissing);
  if (opened === undefined) return undefined;
  await using file = opened;
  for (const to of cuts) {
    const digest = await digestOf(file, from, to);
    if (digest === undefined) return undefined;
    [chain, from] = [chainAfter(chain, digest, sha256), to];
  }
  return chain;
}
