// Replaces and removes small files so that the change survives a power cut.
//
// 1. The bytes are synced before the file is renamed, and its folder is synced before the caller hears of success. Accident: the host
//    loses power after a revocation was confirmed, and the old list of tombstones is back (fsync(2), rename(2)).
// 2. A removal is synced as well. Accident: something that was forgotten, such as a refresh token, is there again.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file is replaced. */
export interface Replacing {
  /** The temporary file, in the same folder. Only one writer may use it at a time. */
  readonly draft: string;
  readonly mode: number;
  /** Whether to wait for the disk. If not, a crash of the host may bring the old file back. */
  readonly durable: boolean;
}

/** Replaces a file as a whole (rule 1). @throws Error of the system; the old file stays, unless only the sync of the folder failed. */
export async function replaceFile(path: string, text: string, { draft, mode, durable }: Replacing): Promise<void> {
  await writeDraft(draft, text, { flag: 'w', mode, durable });
  await rename(draft, path);
  if (durable) await syncFolder(dirname(path));
}

/** How a file is written. */
export interface Draft {
  /** `wx` fails when the file exists. */
  readonly flag: 'w' | 'wx';
  readonly mode: number;
  readonly durable: boolean;
}

/** Writes a file with exactly this mode, whatever the umask is. @throws Error of the system */
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

/** Removes a file, and syncs that unless `durable` is false (rule 2). A missing file is success. @throws Error of the system */
export async function removeFile(path: string, durable = true): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/** Syncs a folder: a new or removed name in it is on disk only then (fsync(2)). @throws Error of the system */
export async function syncFolder(folder: string): Promise<void> {
  await using opened = await open(folder);
  await opened.sync();
}
