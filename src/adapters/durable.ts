// Replacing and removing a small file so that it is still so after a power cut.
//
// 1. The bytes are on disk before the name is, and the name is on disk (its folder synced) before anybody is told. Accident: the host
//    loses its power after a revocation was confirmed, and the old list of tombstones is back (fsync(2), rename(2)).
// 2. A removal is synced as well. Accident: what was forgotten, such as a refresh token, is remembered again.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Replacing {
  /** Where it is written first, in the same folder; only one may write there at a time. */
  readonly draft: string;
  readonly mode: number;
  /** Whether to wait for the disk; else a crash of the host may leave the old file. */
  readonly durable: boolean;
}

/** Rule 1. @throws Error of the system; the old file stays unless only the last step failed. */
export async function replaceFile(path: string, text: string, { draft, mode, durable }: Replacing): Promise<void> {
  await writeDraft(draft, text, { flag: 'w', mode, durable });
  await rename(draft, path);
  if (durable) await syncFolder(dirname(path));
}

export interface Draft {
  /** `wx` refuses one that is there. */
  readonly flag: 'w' | 'wx';
  readonly mode: number;
  readonly durable: boolean;
}

/** A file of exactly this mode, whatever the umask. @throws Error of the system */
export async function writeDraft(
  path: string,
  content: string | Buffer,
  { flag, mode, durable }: Draft,
): Promise<void> {
  await using file = await open(path, flag, mode);
  await file.writeFile(content);
  await file.chmod(mode);
  if (durable) await file.sync();
}

/** Rule 2, unless it does not matter that it may come back. One that is not there is removed. @throws Error of the system */
export async function removeFile(path: string, durable = true): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/** A name is on disk once its folder is (fsync(2)). */
export async function syncFolder(folder: string): Promise<void> {
  await using opened = await open(folder);
  await opened.sync();
}
