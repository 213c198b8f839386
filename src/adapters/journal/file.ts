// The file under the journal. It grows by whole batches or not at all.
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

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const tailStep = 64 * 1024;

/** The part of a line that was moved to a file of its own: the name of that file, and its length. */
export interface Torn {
  readonly file: string;
  readonly bytes: number;
}

interface Opened {
  readonly size: number;
  readonly lastLine: Tail['lastLine'];
  readonly torn: Torn | undefined;
}

/** The journal's file, open for appending. */
export class JournalFile {
  /** The last whole line when the file was opened. */
  readonly lastLine: string | undefined;
  /** The part of a line that a crash left, and that was cut off when the file was opened. */
  readonly torn: Torn | undefined;
  readonly #path: string;
  readonly #handle: FileHandle;
  #size: number;
  #suspect = false;

  private constructor(path: string, handle: FileHandle, { size, lastLine, torn }: Opened) {
    this.#path = path;
    this.#handle = handle;
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
    const handle = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      const size = await checkedSize(path, handle);
      const tail = await readTail(handle, size);
      const torn =
        tail.rest.length === 0
          ? undefined
          : await cutOff(handle, tail.rest, size - tail.rest.length, tornPath(path, now));
      await syncFolder(dirname(path));
      return new JournalFile(path, handle, { size: size - tail.rest.length, lastLine: tail.lastLine, torn });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The length of the file on disk, in bytes. */
  get size(): number {
    return this.#size;
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

async function readAll(handle: FileHandle, bytes: Buffer, start: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) throw new Error('the journal became shorter while it was read');
    done += bytesRead;
  }
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
