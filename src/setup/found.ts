// What is at a path, and making it be so again.
//
// 1. A file is replaced as a whole, with owner and mode, and synced, with the folder that it is in (adapters/durable.ts). Accident: power
//    is lost, and sshd starts on half a file.
// 2. The draft lies beside the file, with an ending that neither sshd, sudo nor systemd reads. One that a killed program left is
//    overwritten.
import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, readlink, rename, rmdir, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeFile, syncFolder, writeDraft } from '../adapters/durable.ts';
import { unlessMissing } from '../adapters/missing.ts';
import { unfitFile } from '../core/messages/setup-faults.ts';
import type { Found } from '../core/setup-rules/change.ts';
import { SetupFault } from './fault.ts';

const largest = 4 * 1024 * 1024;
/** Rule 2. */
const draftEnding = '.tmux-gate-new';

/** What is at a path now; links are not followed. @throws SetupFault when it is neither file, link nor folder, or too large */
export async function lookAt(path: string): Promise<Found> {
  const stats = await lstat(path).catch(unlessMissing);
  if (stats === undefined) return { kind: 'absent' };
  const owned = { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
  if (stats.isSymbolicLink()) return { kind: 'link', to: await readlink(path) };
  if (stats.isDirectory()) return { kind: 'folder', ...owned };
  if (!stats.isFile() || stats.size > largest) throw new SetupFault(unfitFile(path));
  return { kind: 'file', bytes: (await readFile(path)).toString('base64'), ...owned };
}

/** The text of what was found; undefined when it is no file. */
export function textOf(found: Found): string | undefined {
  return found.kind === 'file' ? Buffer.from(found.bytes, 'base64').toString('utf8') : undefined;
}

/** The SHA-256 of bytes, in hexadecimal. */
export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The SHA-256 of what was found; undefined when it is no file. */
export function digestFound(found: Found): string | undefined {
  return found.kind === 'file' ? digestOf(Buffer.from(found.bytes, 'base64')) : undefined;
}

/** Whether two findings are the same: bytes, owner and mode. */
export const isSameFound = (one: Found, other: Found): boolean => keyOf(one) === keyOf(other);

const keyOf = (found: Found): string => JSON.stringify(Object.entries(found).sort());

/** Makes a path be as it was found, or as it shall be (rules 1 and 2). A folder that is not empty stays. */
export async function put(path: string, found: Found): Promise<void> {
  if (found.kind === 'absent') return removeWhatIs(path);
  if (found.kind === 'folder') return makeFolder(path, found);
  const draft = `${path}${draftEnding}`;
  await removeFile(draft);
  if (found.kind === 'link') await symlink(found.to, draft);
  else {
    await writeDraft(draft, Buffer.from(found.bytes, 'base64'), { flag: 'wx', mode: found.mode, durable: true });
    await chown(draft, found.uid, found.gid);
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

async function makeFolder(path: string, { mode, uid, gid }: Extract<Found, { kind: 'folder' }>): Promise<void> {
  if ((await lookAt(path)).kind === 'absent') await mkdir(path, { mode });
  await chown(path, uid, gid);
  await chmod(path, mode); // whatever the umask is
  await syncFolder(dirname(path));
}

async function removeWhatIs(path: string): Promise<void> {
  await removeFile(`${path}${draftEnding}`).catch(() => undefined);
  const { kind } = await lookAt(path);
  if (kind === 'absent') return;
  if (kind !== 'folder') return removeFile(path);
  await rmdir(path);
  await syncFolder(dirname(path));
}
