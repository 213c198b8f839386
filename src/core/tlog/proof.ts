// The proof of one record (C2SP tlog-proof, file extension .tlog-proof): its index, its audit path, and the signed checkpoint.
import { encodeBase64 } from './base64.ts';
import { readCount, readHash } from './checkpoint.ts';
import type { Hash } from './merkle.ts';

export interface LogProof {
  /** Counts from 0. */
  readonly index: number;
  readonly hashes: readonly Hash[];
  /** The signed note, as it stands. */
  readonly checkpoint: string;
}

const format = 'c2sp.org/tlog-proof@v1';
/** Of a tree of 2 ** 53 leaves. */
const hashesLimit = 53;

export function printProof({ index, hashes, checkpoint }: LogProof): string {
  return [format, `index ${index}`, ...hashes.map(encodeBase64), '', checkpoint].join('\n');
}

/** Reads a proof; its extra data, which proves nothing, is passed over. @returns undefined when it is none */
export function readProof(text: string): LogProof | undefined {
  const end = text.indexOf('\n\n');
  if (end < 0) return undefined;
  const [first, ...rest] = text.slice(0, end).split('\n');
  const [indexLine = '', ...lines] = rest[0]?.startsWith('extra ') === true ? rest.slice(1) : rest;
  const index = indexLine.startsWith('index ') ? readCount(indexLine.slice('index '.length)) : undefined;
  if (first !== format || index === undefined || lines.length > hashesLimit) return undefined;
  const hashes = lines.map(readHash).filter((hash) => hash !== undefined);
  return hashes.length === lines.length ? { index, hashes, checkpoint: text.slice(end + 2) } : undefined;
}
