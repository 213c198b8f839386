// Makes sure that a journal is root's alone, and has one writer (docs/design.md, "Journal and recordings"). The lock is flock(2) on a descriptor that we hold:
// the kernel releases it however we end, also by kill -9, so there is no stale lock. Node has no flock(2); the program flock(1) locks the
// open file that it inherits from us, and the lock stays with that file when flock(1) has ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';

const flock = '/usr/bin/flock';

/** Makes the folder of a journal where it is missing. @throws Error when others than root can use it */
export async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  if (uid !== process.geteuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${folder} must belong to root alone: chmod 0700`);
}

/**
 * Takes the lock, or fails at once. It is held until the handle is closed.
 * @throws Error when somebody else holds it.
 */
export async function takeLock(path: string): Promise<FileHandle> {
  const handle = await open(path, 'a', 0o600);
  try {
    const child = spawn(flock, ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'ignore', handle.fd], env: {} });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`${path} is held by another writer`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
