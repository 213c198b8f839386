// The file under the journal: it grows by whole batches or not at all.
//
// 1. `append` resolves when the bytes are on disk (fdatasync), else the file is cut back to what it was: a reader never sees
//    a record whose writer was told that it failed.
// 2. Where cutting back fails as well, nothing is appended until it succeeds.
// 3. The file is the one at its path, and as long as we left it, before each batch. Attack or accident: a rotated, replaced
//    or deleted file that swallows the evidence; a second writer.
// 4. It is ours alone: a regular file, ours, mode 0600, reached through no link.
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder, writeDraft } from './durable.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
const tailStep = 64 * 1024;

export interface Torn {
  readonly file: string;
  readonly bytes: number;
}

interface Opened {
  readonly size: number;
  readonly lastLine: Tail['lastLine'];
  readonly torn: Torn | undefined;
}

export class JournalFile {
  /** The last whole line as it was at opening. */
  readonly lastLine: string | undefined;
  /** What was cut off at opening: the part of a line that a crash left. */
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

  /** @param now instant, milliseconds: names the file that keeps a torn line. @throws Error when rule 4 does not hold. */
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

  /** Bytes on disk. */
  get size(): number {
    return this.#size;
  }

  /** Adds whole lines (rules 1 to 3). @throws Error of the system, the file being as before or refusing further batches. */
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
  /** What follows the last newline. */
  readonly rest: Buffer;
}

/** Reads backwards from the end until the last whole line is in sight. */
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

/** Evidence is moved, never dropped: the part of a line is on disk in its own file before it leaves this one. */
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
