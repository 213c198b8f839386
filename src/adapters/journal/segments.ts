// The bytes of the journal, wherever they lie: in segments that were closed, oldest first, and in the file that grows (`journal.jsonl`).
//
// 1. A place in the journal is a byte of the whole log, counted from its first record ever. It stays the same when the file becomes a
//    segment and when older segments are removed. Accident: an anchor, a cursor or an index points somewhere else after a rotation.
// 2. Names are listed before and after the files are opened, and must be the same. Accident: the file is rotated between two looks, and a
//    line is read twice or not at all. What was opened is read to its end, whatever happens to its name.
// 3. A name says where its segment is due and nothing else. Whoever verifies sees by the lines whether it is (quick.ts, walk.ts). Attack:
//    segments are swapped, or one is removed.
import { closeSync, fstatSync, openSync, read as readFd, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isMissing } from '../missing.ts';

const read = promisify(readFd);
const digits = 16;
const shape = /^journal-(\d{16})-(\d{16})\.jsonl$/;

/** Where a segment begins. */
export interface SegmentStart {
  /** The number of its first record. */
  readonly first: number;
  /** Its first byte, of the whole log (rule 1). */
  readonly start: number;
}

/** A segment on disk. */
export interface Segment extends SegmentStart {
  readonly name: string;
}

/** The name of a segment: where it begins. */
export function segmentName({ first, start }: SegmentStart): string {
  const padded = (value: number): string => String(value).padStart(digits, '0');
  return `journal-${padded(first)}-${padded(start)}.jsonl`;
}

/** The segments in a folder, oldest first; none where there is no such folder. @throws Error of the system */
export function segmentsIn(folder: string): readonly Segment[] {
  return namesIn(folder).map((name) => {
    const [, first, start] = shape.exec(name) ?? [];
    return { name, first: Number(first), start: Number(start) };
  });
}

/** How much of a journal there is: closed segments, and the bytes of these and of the file that grows. */
export interface OnDisk {
  readonly segments: number;
  readonly bytes: number;
}

/** What lies beside the file that grows, and in it. @throws Error of the system */
export function onDisk(path: string): OnDisk {
  const segments = namesIn(dirname(path));
  const files = [...segments.map((name) => join(dirname(path), name)), path];
  // A segment may be removed by age meanwhile.
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return { segments: segments.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Where the file that grows begins, in bytes of the whole journal. @throws Error of the system */
export function placeOfLive(path: string): number {
  using log = LogBytes.open(path, Infinity);
  return log.liveStart;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => shape.test(name))
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

interface Part {
  /** Undefined for the file that grows. */
  readonly first: number | undefined;
  readonly fd: number;
  readonly ino: number;
  readonly start: number;
  readonly end: number;
}

/** Where bytes lie: from `at` on, `room` of them stand at `offset` of an open file. */
interface Spot {
  readonly fd: number;
  readonly at: number;
  readonly offset: number;
  readonly room: number;
}

/** How many bytes were read, and where the next ones are due. */
export interface Reached {
  readonly count: number;
  readonly next: number;
}

/** The journal as it was when it was opened; whoever opens it closes it. */
export class LogBytes implements Disposable {
  /** The number of the first record that is there. */
  readonly first: number;
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[], first: number) {
    this.#parts = parts;
    this.first = first;
  }

  /**
   * Opens it (rule 2).
   * @param path of the file that grows; segments lie beside it
   * @param from places before this one are not read: their segments stay closed
   * @throws Error of the system, ENOENT where there is neither that file nor a segment
   */
  static open(path: string, from = 0): LogBytes {
    for (;;) {
      const segments = segmentsIn(dirname(path));
      const parts = partsOf(path, segments, from);
      if (parts !== undefined && isSame(segments, segmentsIn(dirname(path))))
        return new LogBytes(parts, segments[0]?.first ?? 1);
      for (const { fd } of parts ?? []) closeSync(fd);
    }
  }

  /** The first byte that is there and was asked for. */
  get start(): number {
    return this.#parts[0]?.start ?? 0;
  }

  /** The byte behind the last one. */
  get end(): number {
    return this.#parts.at(-1)?.end ?? 0;
  }

  /** Where the file that grows begins. */
  get liveStart(): number {
    return this.#parts.at(-1)?.start ?? 0;
  }

  /** Reads on from a place; 0 bytes at the end alone. Where bytes are missing it goes on behind them, so `next` may be further. */
  async read(buffer: Buffer, { offset, length }: { offset: number; length: number }, at: number): Promise<Reached> {
    const spot = this.#spot(at);
    if (spot === undefined) return { count: 0, next: at };
    const { bytesRead } = await read(spot.fd, buffer, offset, Math.min(length, spot.room), spot.offset);
    return { count: bytesRead, next: spot.at + bytesRead };
  }

  /** The same without giving way to anybody. */
  readSync(buffer: Buffer, { offset, length }: { offset: number; length: number }, at: number): Reached {
    const spot = this.#spot(at);
    if (spot === undefined) return { count: 0, next: at };
    const count = readSync(spot.fd, buffer, offset, Math.min(length, spot.room), spot.offset);
    return { count, next: spot.at + count };
  }

  /** Where a record is, as the names say: between which bytes, and which records are there. Where the next begin is not known for the newest. */
  segmentOf(n: number): { low: number; first: number; high: number; behind: number | undefined } {
    const at = this.#parts.findLastIndex(({ first }) => first !== undefined && first <= n);
    const [part, next] = [this.#parts[at], this.#parts[at + 1]];
    const isLast = next?.first === undefined;
    const [low, first] = [part?.start ?? this.start, part?.first ?? this.first];
    return { low, first, high: isLast ? this.end : next.start, behind: isLast ? undefined : next.first };
  }

  /** From where on, at or behind a place, all bytes up to `end` are there. */
  joined(from: number, end: number): number {
    let low = end;
    for (const part of this.#parts.toReversed())
      if (part.start < low && part.end >= low) low = Math.max(from, part.start);
    return low;
  }

  /** The bytes between two places, as far as they are there one after another. */
  async between(start: number, end: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.max(0, end - start));
    for (let done = 0; ;) {
      const { count, next } = await this.read(bytes, { offset: done, length: bytes.length - done }, start + done);
      if (count === 0 || next !== start + done + count) return bytes.subarray(0, done);
      done += count;
    }
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#parts) closeSync(fd);
  }

  #spot(at: number): Spot | undefined {
    const part = this.#parts.find(({ end }) => end > at);
    if (part === undefined) return undefined;
    const from = Math.max(at, part.start);
    return { fd: part.fd, at: from, offset: from - part.start, room: part.end - from };
  }
}

const isSame = (one: readonly Segment[], other: readonly Segment[]): boolean =>
  one.length === other.length && one.every(({ name }, at) => name === other[at]?.name);

/** @returns undefined where a segment was removed meanwhile */
function partsOf(path: string, segments: readonly Segment[], from: number): readonly Part[] | undefined {
  const parts: Part[] = [];
  try {
    for (const [at, { name, first, start }] of segments.entries()) {
      const next = segments[at + 1]?.start;
      if (next !== undefined && next <= from) continue;
      parts.push({ first, ...partOf(join(dirname(path), name), start) });
    }
    return withLive(path, parts);
  } catch (error) {
    for (const { fd } of parts) closeSync(fd);
    if (isMissing(error) && basename(path) !== basename((error as NodeJS.ErrnoException).path ?? '')) return undefined;
    throw error;
  }
}

/** Adds the file that grows. While it becomes a segment, it has both names, and counts once (rotate.ts). */
function withLive(path: string, segments: readonly Part[]): readonly Part[] {
  const last = segments.at(-1);
  const start = last?.end ?? 0;
  try {
    const live = partOf(path, start);
    if (live.ino !== last?.ino) return [...segments, { first: undefined, ...live }];
    closeSync(live.fd);
    return segments;
  } catch (error) {
    if (last === undefined || !isMissing(error)) throw error;
    return segments;
  }
}

function partOf(path: string, start: number): Omit<Part, 'first'> {
  const fd = openSync(path, 'r');
  const { size, ino } = fstatSync(fd);
  return { fd, ino, start, end: start + size };
}
