// The ranges of a recording: the keeper journals the digest of each part of the file while it grows (docs/design.md, "Journal and
// recordings").
//
// 1. Ranges follow each other without a gap, from the first byte. Each carries a chain over the digests so far. Attack: a range is left
//    out, swapped or replaced; and one proof of the last record covers the whole recording.
// 2. A range ends behind a newline, so that it holds whole events; only the last one of a file that was torn by a crash does not.
// 3. A range is closed once it has 1 MiB, or 60 seconds after its first byte was seen. Accident: after a crash more than that is without
//    a digest.
import type { Digest } from '../chain.ts';

/** A range is closed behind the line with which it has this many bytes. */
export const rangeBytes = 1024 * 1024;
/** A range that has bytes is closed after this time: milliseconds. */
export const rangeMs = 60_000;
/** The chain before the first range. */
export const noChain = '0'.repeat(64);

/** A range as the journal has it (`recording-range`): bytes `from` to `to`, the latter excluded. */
export interface Range {
  /** Counts from 0. */
  readonly range: number;
  readonly from: number;
  readonly to: number;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
  /** `chainAfter` of the range before and this digest. */
  readonly chain: string;
}

/** What the journal says of a recording that is over (`recording-closed`). */
export interface ClosedRecording {
  readonly ranges: number;
  readonly bytes: number;
  readonly chain: string;
}

/** The chain after one more range: SHA-256 over the text of the chain before and of the range's digest, both hex. */
export function chainAfter(chain: string, sha256: string, digest: Digest): string {
  return digest(chain + sha256);
}

/** What of a piece belongs to the range that is open. */
export interface Taken {
  /** How many bytes of the piece. */
  readonly bytes: number;
  /** Whether the last of them is a newline. */
  readonly whole: boolean;
  /** Whether the range is full with them. */
  readonly full: boolean;
}

const newline = 0x0a;

/**
 * How much of a piece the open range takes (rules 2 and 3): through the line that fills it, or through the last whole line. Of a piece
 * without a newline it takes nothing if more may follow, since the line may still be written.
 * @param has the bytes that the range has already.
 * @param isAll whether the piece is all that the file has.
 */
export function takeFrom(piece: Uint8Array, has: number, isAll: boolean): Taken {
  const fills = piece.indexOf(newline, Math.max(0, rangeBytes - has - 1));
  if (fills >= 0) return { bytes: fills + 1, whole: true, full: true };
  const last = piece.lastIndexOf(newline);
  if (last >= 0) return { bytes: last + 1, whole: true, full: false };
  return { bytes: isAll ? 0 : piece.length, whole: false, full: false };
}

/** Whether a range that has bytes is closed by time (rule 3). @param since when its first byte was seen, and `now`: milliseconds */
export function isDue(since: number, now: number): boolean {
  return now - since >= rangeMs;
}

/** What is wrong with the records of a recording. */
export type RangesFault = 'gap' | 'chain' | 'empty' | 'end';

/**
 * Checks that ranges follow each other and that their chain is right (rule 1), also up to the record of the end, if there is one.
 * @returns undefined when they are in order; else what is wrong, and with which range (`ranges.length`: with the end).
 */
export function faultOf(
  ranges: readonly Range[],
  closed: ClosedRecording | undefined,
  digest: Digest,
): { readonly fault: RangesFault; readonly range: number } | undefined {
  let [bytes, chain] = [0, noChain];
  for (const [at, { range, from, to, sha256, chain: said }] of ranges.entries()) {
    chain = chainAfter(chain, sha256, digest);
    if (range !== at || from !== bytes) return { fault: 'gap', range: at };
    if (to <= from) return { fault: 'empty', range: at };
    if (said !== chain) return { fault: 'chain', range: at };
    bytes = to;
  }
  if (closed === undefined) return undefined;
  const agrees = closed.ranges === ranges.length && closed.bytes === bytes && closed.chain === chain;
  return agrees ? undefined : { fault: 'end', range: ranges.length };
}
