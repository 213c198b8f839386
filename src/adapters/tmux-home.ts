// Temporary homes of dedicated sessions (docs/design.md, "One visit").
//
// 1. A home is new, in root's own folder, under a random name that nobody can list. The account owns the home and cannot replace it.
//    Attack: a home that was prepared for the next person, or a link in its place.
// 2. A home is removed by rm(1) as root, which walks by descriptors and follows no link (openat(2), O_NOFOLLOW). Attack: another session
//    of the account renames folders meanwhile, so that a path leads to /etc between check and unlink; Node's own `rm` walks by paths.
// 3. It removes what the account made unreadable, and any name and depth. With a mount below nothing is removed at all, because rm takes
//    a bind mount for a folder. Attack or accident: `sudo mount --bind /srv ~/srv`, and /srv is emptied.
// 4. What could not be removed is reported, and tried again by the next start of the keeper.
import { chmod, chown, lchown, lstat, mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { sanitizeLine } from '../core/text.ts';
import type { Account } from './accounts.ts';
import { program, run } from './tmux-account.ts';

const safeId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const env = { PATH: '/usr/bin:/bin', LANG: 'C' };
/** The time limit, in milliseconds: for millions of files; nobody waits for it. */
const removeMs = 30 * 60_000;

function homeAt(homes: string, id: string): string {
  if (!safeId.test(id)) throw new Error('no id of a session');
  return join(homes, id);
}

/**
 * Makes a home for an account (rule 1).
 * @returns its path.
 * @param homes root's folder, of mode 0711.
 * @throws Error when others can write that folder, or the home exists.
 */
export async function makeHome(homes: string, id: string, account: Pick<Account, 'uid' | 'gid'>): Promise<string> {
  const parent = await lstat(homes);
  if (!parent.isDirectory() || parent.uid !== 0 || (parent.mode & 0o022) !== 0) {
    throw new Error(`${homes} is not root's alone`);
  }
  const home = homeAt(homes, id);
  await mkdir(home, { mode: 0o700 });
  await chown(home, account.uid, account.gid);
  return home;
}

/** Removes a home (rules 2 to 4); one that is gone is success. @returns why it could not be removed; undefined when it is gone. */
export async function removeHome(homes: string, id: string): Promise<string | undefined> {
  const home = homeAt(homes, id);
  if (!(await isThere(home))) return undefined;
  // From here on the account cannot enter it by path. A process that is inside already can only delay the removal.
  await lchown(home, 0, 0);
  await chmod(home, 0o700);
  const mounted = await mountBelow(home);
  if (mounted !== undefined) return `${sanitizeLine(mounted, 150)} is a mount`;
  const argv = [program('rm'), '-rf', '--one-file-system', '--preserve-root=all', '--', home];
  const { said, signal } = await run(argv, env, removeMs);
  if (!(await isThere(home))) return undefined;
  return sanitizeLine(said.trim(), 200) || `rm ended with ${signal ?? 'the home still there'}`;
}

/** A mount point below the home (rule 3; proc(5), mountinfo: blanks are octal escapes). Only root could still add one now. */
async function mountBelow(home: string): Promise<string | undefined> {
  const real = await realpath(home);
  const points = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((row) => row.split(' ')[4] ?? '');
  return points
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
    .find((point) => point === real || point.startsWith(`${real}/`));
}

/** The ids of the homes that exist. */
export async function homeIds(homes: string): Promise<readonly string[]> {
  return (await readdir(homes)).filter((name) => safeId.test(name));
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}
