// What a recording's file holds, range by range, whichever kind of file it is: plain while it is live, or sealed.
import { CastFault, lineLimit } from '../../core/recording/cast.ts';
import type { ByteSource } from './byte-source.ts';
import { readFrame, readFrames } from './zstd-seekable.ts';

/** A part of a recording that is read at once: whole lines. Bytes of the plain recording, `to` excluded. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A recording's content, range by range. */
export interface Content {
  readonly ranges: readonly Range[];
  read(range: Range): Promise<Buffer>;
  /** What was added behind the last range since it was opened; empty for a sealed one. */
  tail(from: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Of a file in the seekable format: a range is a frame. @throws FrameFault when it is none */
export async function sealedContent(source: ByteSource): Promise<Content> {
  const frames = await readFrames(source);
  return {
    ranges: frames,
    read: async (range) => readFrame(source, range as (typeof frames)[number]),
    tail: async () => Promise.resolve(Buffer.alloc(0)),
    close: async () => source.close(),
  };
}

const pieceBytes = 64 * 1024;
const rangeBytes = 1024 * 1024;
const newline = 0x0a;

/**
 * Of a plain file. Its ranges are cut where a line ends past each MiB, without reading what is between; those of the journal are cut by time as
 * well. What stands behind the last newline is no whole event and in no range.
 */
export async function plainContent(source: ByteSource): Promise<Content> {
  const ranges: Range[] = [];
  for (let from = 0; from < source.size;) {
    const to = (await lineEnd(source, from + rangeBytes)) ?? (await lastLineEnd(source, from));
    if (to === from) break;
    ranges.push({ from, to });
    from = to;
  }
  return {
    ranges,
    read: async ({ from, to }) => source.read(from, to - from),
    tail: async (from) => source.read(from, rangeBytes),
    close: async () => source.close(),
  };
}

/** Where the line that this byte is in ends; undefined when the file ends before. @throws CastFault when the line is too long */
async function lineEnd(source: ByteSource, at: number): Promise<number | undefined> {
  for (let from = at; from < source.size; from += pieceBytes) {
    if (from - at > lineLimit) throw new CastFault(`the line at byte ${at} is longer than ${lineLimit} bytes`);
    const found = (await source.read(from, pieceBytes)).indexOf(newline);
    if (found >= 0) return from + found + 1;
  }
  return undefined;
}

/** Where the last whole line ends; `from` when there is none behind it. */
async function lastLineEnd(source: ByteSource, from: number): Promise<number> {
  for (let to = source.size; to > from; to -= pieceBytes) {
    const start = Math.max(to - pieceBytes, from);
    const found = (await source.read(start, to - start)).lastIndexOf(newline);
    if (found >= 0) return start + found + 1;
  }
  return from;
}
