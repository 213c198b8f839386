// The file under the journal. It grows by whole batches or not at all, and becomes a segment when it is large (rotate.ts).
//
// 1. `append` resolves when the bytes are on disk (fdatasync). If it fails, the file is cut back to what it was, so that no reader sees a
//    record whose writer was told that it failed.
// 2. If cutting back fails too, nothing is appended until it succeeds.
// 3. Before each batch the file must be the one at its path, and as long as we left it. Attack or accident: the file was rotated,
//    replaced or deleted and would swallow the evidence; a second writer.
// 4. The file is a regular file of ours with mode 0600 and one name, not reached through a link. Attack: others read or change it.
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder, writeDraft } from '../durable.ts';
import { bytesBefore } from './end.ts';
import { rotate } from './rotate.ts';
import { placeOfLive } from './segments.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const tailStep = 64 * 1024;
/** So many bytes hold the number at the beginning of a line. */
const numberBytes = 32;

/** The part of a line that was moved to a file of its own: the name of that file, and its length. */
export interface Torn {
  readonly file: string;
  readonly bytes: number;
}

interface Opened {
  /** Where it begins and ends, in bytes of the whole journal (segments.ts, rule 1). */
  readonly start: number;
  readonly size: number;
  readonly lastLine: Tail['lastLine'];
  readonly torn: Torn | undefined;
}

/** The journal's file, open for appending. */
export class JournalFile {
  /** The last whole line of the journal when the file was opened. */
  readonly lastLine: string | undefined;
  /** The part of a line that a crash left, and that was cut off when the file was opened. */
  readonly torn: Torn | undefined;
  readonly #path: string;
  #handle: FileHandle;
  #start: number;
  #size: number;
  #suspect = false;
  /** How large the file has to be, where the last attempt to rotate it failed. */
  #rotateNext = 0;

  private constructor(path: string, handle: FileHandle, { start, size, lastLine, torn }: Opened) {
    this.#path = path;
    this.#handle = handle;
    this.#start = start;
    this.#size = size;
    this.lastLine = lastLine;
    this.torn = torn;
  }

  /**
   * Opens the file, and moves a torn last line to a file of its own.
   * @param now milliseconds since the epoch, for the name of that file.
   * @throws Error when rule 4 does not hold.
   */
  static async open(path: string, now: number): Promise<JournalFile> {
    const handle = await openToAppend(path);
    try {
      const start = placeOfLive(path);
      const size = await checkedSize(path, handle);
      const tail = await readTail(handle, size);
      const torn =
        tail.rest.length === 0
          ? undefined
          : await cutOff(handle, tail.rest, size - tail.rest.length, tornPath(path, now));
      await syncFolder(dirname(path));
      const lastLine = tail.lastLine ?? (start === 0 ? undefined : await bytesBefore(path, start));
      return new JournalFile(path, handle, { start, size: size - tail.rest.length, lastLine, torn });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The end of the journal on disk: a byte of the whole of it. */
  get end(): number {
    return this.#start + this.#size;
  }

  /**
   * Makes a segment of the file if it has so many bytes, and goes on in an empty one. Not while a batch is being appended.
   * @throws Error, with the same file: it is tried again when it has grown by a sixteenth
   */
  async rotateFrom(bytes: number): Promise<void> {
    if (this.#size < Math.max(bytes, this.#rotateNext)) return;
    this.#rotateNext = this.#size + bytes / 16;
    await this.#rotate();
    this.#rotateNext = 0;
  }

  async #rotate(): Promise<void> {
    if (this.#suspect) await this.#cutBack();
    await this.#checkPlace();
    const beginning = await readAll(this.#handle, Buffer.alloc(Math.min(numberBytes, this.#size)), 0);
    const first = Number(/^\{"n":(\d{1,16}),/.exec(beginning.toString('latin1'))?.[1]);
    if (!Number.isSafeInteger(first)) throw new Error(`${this.#path} does not begin with a record`);
    const handle = await rotate(this.#path, { first, start: this.#start });
    const old = this.#handle;
    this.#handle = handle;
    this.#start += this.#size;
    this.#size = 0;
    await old.close();
  }

  /** Appends whole lines (rules 1 to 3). @throws Error of the system; then the file is as before, or further batches are refused. */
  async append(lines: string): Promise<void> {
    if (this.#suspect) await this.#cutBack();
    await this.#checkPlace();
    const bytes = Buffer.from(lines, 'latin1');
    try {
      await writeAll(this.#handle, bytes);
      await this.#handle.datasync();
      this.#size += bytes.length;
    } catch (error) {
      this.#suspect = true;
      await this.#cutBack().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #cutBack(): Promise<void> {
    await this.#handle.truncate(this.#size);
    await this.#handle.datasync();
    this.#suspect = false;
  }

  async #checkPlace(): Promise<void> {
    const [held, named] = await Promise.all([this.#handle.stat(), lstat(this.#path)]);
    if (held.ino !== named.ino || held.dev !== named.dev) throw new Error(`${this.#path} was replaced`);
    if (held.size !== this.#size) throw new Error(`${this.#path} was changed by somebody else`);
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  return open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
}

async function checkedSize(path: string, handle: FileHandle): Promise<number> {
  const facts = await handle.stat();
  const ours = facts.isFile() && facts.nlink === 1 && facts.uid === process.geteuid?.();
  if (!ours || (facts.mode & 0o077) !== 0)
    throw new Error(`${path} must be a file of root with mode 0600 and one name`);
  return facts.size;
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done);
    if (bytesWritten === 0) throw new Error('nothing could be written');
    done += bytesWritten;
  }
}

interface Tail {
  readonly lastLine: string | undefined;
  /** The bytes after the last newline. */
  readonly rest: Buffer;
}

/** Reads backwards until the last whole line is complete. */
async function readTail(handle: FileHandle, size: number): Promise<Tail> {
  for (let window = tailStep; ; window *= 2) {
    const start = Math.max(0, size - window);
    const bytes = Buffer.alloc(size - start);
    await readAll(handle, bytes, start);
    const end = bytes.lastIndexOf(10);
    const before = end <= 0 ? -1 : bytes.lastIndexOf(10, end - 1);
    if (start > 0 && before < 0) continue;
    return { lastLine: end < 0 ? undefined : bytes.toString('latin1', before + 1, end), rest: bytes.subarray(end + 1) };
  }
}

async function readAll(handle: FileHandle, bytes: Buffer, start: number): Promise<Buffer> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) throw new Error('the journal became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

/** Moves a torn line to a file of its own, which is on disk before the line leaves this one: evidence is never dropped. */
async function cutOff(handle: FileHandle, rest: Buffer, whole: number, path: string): Promise<Torn> {
  await writeDraft(path, rest, { mode: 0o600, flag: 'wx', durable: true });
  await syncFolder(dirname(path));
  await handle.truncate(whole);
  await handle.datasync();
  return { file: basename(path), bytes: rest.length };
}

function tornPath(journal: string, now: number): string {
  return join(dirname(journal), `torn-${new Date(now).toISOString().replaceAll(':', '')}.txt`);
}
