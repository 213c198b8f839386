// Reads the file of a live recording while the gate writes it, and gives the digest of each range that closes
// (src/core/recording/ranges.ts).
//
// 1. It reads in small pieces, one after another, and keeps no bytes: memory does not grow with the recording. Attack: a session prints
//    without end to fill the keeper's memory or to hold its event loop (law 12).
// 2. The bytes of a range are on disk before its digest is given. Accident: the host loses power, and the journal has a digest of bytes
//    that no disk has.
// 3. What was read once has to stay: a file that is missing, shorter or another one is an error and not the end of the recording. Attack:
//    root removes or replaces a recording while it is written.
import { createHash, type Hash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chainAfter, isDue, noChain, takeFrom, type Range } from '../../core/recording/ranges.ts';
import { syncFolder } from '../durable.ts';
import { sha256 } from '../sha256.ts';
import { unlessMissing } from '../missing.ts';

/** What happened to the file of a recording, as `recording-changed` of the journal says it. */
export type Changed = 'changed' | 'shorter' | 'longer' | 'replaced' | 'missing';

/** The file is not what was read of it before (rule 3). */
export class RecordingChanged extends Error {
  override readonly name = 'RecordingChanged';
  readonly what: Changed;
  /** How many bytes the file has; 0 where it is missing. */
  readonly found: number;

  constructor(what: Changed, found: number) {
    super(`the recording is ${what}`);
    this.what = what;
    this.found = found;
  }
}

/** How far a recording has digests. */
export interface Reached {
  readonly ranges: number;
  readonly bytes: number;
  readonly chain: string;
}

const nothingReached: Reached = { ranges: 0, bytes: 0, chain: noChain };

/** The file of one recording, which grows. Calls must not overlap. */
export interface Growing {
  /**
   * Reads on. A range that was given is given again until it is accepted.
   * @param now instant, milliseconds. @param isLast the gate writes no more: all that is left is a range, too
   * @returns the next range that is closed; undefined when there is none yet.
   * @throws RecordingChanged; Error of the system
   */
  next(now: number, isLast?: boolean): Promise<Range | undefined>;
  /** Call it once the journal has the range. */
  accept(range: Range): void;
  readonly reached: Reached;
  /** Whether the file was ever there. */
  readonly wasThere: boolean;
  /** Whether the last range ends behind a newline. */
  readonly isWhole: boolean;
}

const pieceBytes = 256 * 1024;

/** @param reached where an earlier keeper stopped: what was written since then is closed at the first look. */
export function followFile(path: string, reached?: Reached): Growing {
  return new GrowingFile(path, reached);
}

class GrowingFile implements Growing {
  readonly #path: string;
  #reached: Reached;
  #hash: Hash = createHash('sha256');
  /** Up to where the file was read. */
  #at: number;
  /** Whether the last byte that was read is a newline. */
  #whole = true;
  /** When the first byte of the open range was seen. */
  #since: number | undefined;
  #file: Pick<Stats, 'dev' | 'ino'> | undefined;
  #given: Range | undefined;

  constructor(path: string, reached: Reached | undefined) {
    this.#path = path;
    this.#reached = reached ?? nothingReached;
    this.#at = this.#reached.bytes;
    if (reached !== undefined) this.#since = -Infinity;
  }

  get reached(): Reached {
    return this.#reached;
  }

  get wasThere(): boolean {
    return this.#file !== undefined;
  }

  get isWhole(): boolean {
    return this.#whole;
  }

  async next(now: number, isLast = false): Promise<Range | undefined> {
    if (this.#given !== undefined) return this.#given;
    const size = await this.#look();
    if (size === this.#at && !this.#closes(now, isLast)) return undefined;
    await using file = await this.#open();
    const full = await this.#readOn(file, now, isLast);
    if (!full && !this.#closes(now, isLast)) return undefined;
    await this.#sync(file);
    this.#given = this.#closed();
    return this.#given;
  }

  accept({ range, to, chain }: Range): void {
    this.#reached = { ranges: range + 1, bytes: to, chain };
    this.#given = undefined;
    this.#hash = createHash('sha256');
    this.#since = undefined;
  }

  /** @returns the size of the file; 0 before it was made (rule 3) */
  async #look(): Promise<number> {
    const stats = await lstat(this.#path).catch(unlessMissing);
    if (stats === undefined) {
      if (this.#file === undefined && this.#at === 0) return 0;
      throw new RecordingChanged('missing', 0);
    }
    return this.#check(stats);
  }

  #check(stats: Stats): number {
    const { dev, ino, size } = stats;
    this.#file ??= { dev, ino };
    if (!stats.isFile() || dev !== this.#file.dev || ino !== this.#file.ino)
      throw new RecordingChanged('replaced', size);
    if (size < this.#at) throw new RecordingChanged('shorter', size);
    return size;
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      this.#check(await file.stat());
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #closes(now: number, isLast: boolean): boolean {
    if (this.#at === this.#reached.bytes) return false;
    return isLast || (this.#whole && this.#since !== undefined && isDue(this.#since, now));
  }

  /** Reads to the end of the file, or until the range is full. @returns whether it is full */
  async #readOn(file: FileHandle, now: number, isLast: boolean): Promise<boolean> {
    const piece = Buffer.allocUnsafe(pieceBytes);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, pieceBytes, this.#at);
      if (bytesRead === 0) return false;
      this.#since ??= now;
      const isAll = bytesRead < pieceBytes && !isLast;
      const { bytes, whole, full } = takeFrom(piece.subarray(0, bytesRead), this.#at - this.#reached.bytes, isAll);
      if (bytes === 0) return false;
      this.#hash.update(piece.subarray(0, bytes));
      this.#at += bytes;
      this.#whole = whole;
      if (full) return true;
    }
  }

  /** Rule 2. The name of a new file is on disk only after its folder is. */
  async #sync(file: FileHandle): Promise<void> {
    await file.datasync();
    if (this.#reached.ranges === 0) await syncFolder(dirname(this.#path));
  }

  #closed(): Range {
    const { ranges, bytes, chain } = this.#reached;
    const digest = this.#hash.digest('hex');
    return { range: ranges, from: bytes, to: this.#at, sha256: digest, chain: chainAfter(chain, digest, sha256) };
  }
}
