// The zstd seekable format (facebook/zstd, contrib/seekable_format/zstd_seekable_compression_format.md): frames one after another, then a
// table of their sizes in a frame that a plain `zstd -d` skips. A reader starts at any frame without reading what is before it.
//
// 1. Each frame has the checksum of its content (RFC 8878 section 3.1.1). Accident: a changed byte decompresses to another text, unseen.
// 2. A frame may give as many bytes as the table says, and the table no more than a bound. Attack: a small file that fills all memory.
// 3. The table's sizes add up to the file's. Attack: bytes between or behind the frames which one reader sees and another does not.
import { promisify } from 'node:util';
import { constants, zstdCompressSync, zstdDecompress } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';

/** One frame: where it lies in the file, and where its content lies in all content. */
export interface Frame {
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly to: number;
}

/** A file that is not in the seekable format, or is damaged. */
export class FrameFault extends Error {
  override readonly name = 'FrameFault';
}

const skippableMagic = 0x184d2a5e;
const seekableMagic = 0x8f92eab1;
const headBytes = 8;
const entryBytes = 8;
const footBytes = 9;
/** Rule 2. A range ends with the first event past 1 MiB, and an event is less than 8 MiB. */
const contentLimit = 16 * 1024 * 1024;
const decompress = promisify(zstdDecompress);
/** What zlib takes at least (Z_MIN_CHUNK). */
const leastChunk = 64;

/** Makes frames, and the table of those that it made. It works on the thread that calls it, so that the sealing thread leaves the others alone. */
export class SeekableWriter {
  readonly #level: number;
  readonly #sizes: { readonly length: number; readonly content: number }[] = [];

  constructor(level = 3) {
    this.#level = level;
  }

  /** The next frame, with this content (rule 1). @throws FrameFault when it is more than a reader takes (rule 2) */
  frame(content: Buffer): Buffer {
    if (content.length > contentLimit) throw new FrameFault(`frame ${this.#sizes.length} is too large`);
    const { ZSTD_c_checksumFlag, ZSTD_c_compressionLevel } = constants;
    const params = { [ZSTD_c_checksumFlag]: 1, [ZSTD_c_compressionLevel]: this.#level };
    const frame = zstdCompressSync(content, { params, pledgedSrcSize: content.length });
    this.#sizes.push({ length: frame.length, content: content.length });
    return frame;
  }

  /** The table, which is the end of the file. */
  table(): Buffer {
    const table = Buffer.alloc(headBytes + this.#sizes.length * entryBytes + footBytes);
    let at = table.writeUInt32LE(skippableMagic, 0);
    at = table.writeUInt32LE(table.length - headBytes, at);
    for (const { length, content } of this.#sizes) {
      at = table.writeUInt32LE(length, at);
      at = table.writeUInt32LE(content, at);
    }
    at = table.writeUInt32LE(this.#sizes.length, at);
    at = table.writeUInt8(0, at);
    table.writeUInt32LE(seekableMagic, at);
    return table;
  }
}

/** Reads the table. @throws FrameFault when there is none, or it does not fit the file (rule 3); Error of the source */
export async function readFrames(source: ByteSource): Promise<readonly Frame[]> {
  const foot = await source.read(Math.max(source.size - footBytes, 0), footBytes);
  if (foot.length < footBytes || foot.readUInt32LE(5) !== seekableMagic)
    throw new FrameFault('it does not end with a seek table');
  if (foot.readUInt8(4) !== 0) throw new FrameFault('its seek table is of another kind');
  const count = foot.readUInt32LE(0);
  const start = source.size - footBytes - count * entryBytes - headBytes;
  if (start < 0) throw new FrameFault('its seek table is longer than the file');
  const table = await source.read(start, headBytes + count * entryBytes);
  if (table.readUInt32LE(0) !== skippableMagic || table.readUInt32LE(4) !== count * entryBytes + footBytes)
    throw new FrameFault('its seek table has no beginning');
  const frames = framesOf(table.subarray(headBytes));
  if ((frames.at(-1)?.at ?? 0) + (frames.at(-1)?.length ?? 0) !== start)
    throw new FrameFault('its seek table does not fit it');
  return frames;
}

function framesOf(entries: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  let [at, from] = [0, 0];
  for (let entry = 0; entry < entries.length; entry += entryBytes) {
    const length = entries.readUInt32LE(entry);
    const content = entries.readUInt32LE(entry + 4);
    if (content > contentLimit || length > contentLimit) throw new FrameFault(`frame ${frames.length} is too large`);
    frames.push({ at, length, from, to: from + content });
    at += length;
    from += content;
  }
  return frames;
}

/** Reads the content of a frame. @throws FrameFault when it is damaged (rules 1 and 2); Error of the source */
export async function readFrame(source: ByteSource, { at, length, from, to }: Frame): Promise<Buffer> {
  const bytes = await source.read(at, length);
  const maxOutputLength = Math.max(to - from, 1);
  // With room for all of it at once; by standard it would be fetched from another thread in pieces of 16 KiB.
  const chunkSize = Math.max(to - from + 1, leastChunk);
  const content = await decompress(bytes, { maxOutputLength, chunkSize }).catch((cause: unknown) => {
    throw new FrameFault(`the frame at byte ${at} is damaged`, { cause });
  });
  if (content.length !== to - from)
    throw new FrameFault(`the frame at byte ${at} is not as long as the seek table says`);
  return content;
}
