// Undoes changes of the host, from their journal.
//
// 1. Each change can be undone whatever part of it was made, and again when it is undone already. Accident: a program was killed between
//    two writes, or while it undid something.
// 2. What was there before is never removed: an account, a folder or a file goes only when the journal says that it was made, and a home or
//    a folder only while it holds nothing of others. Accident: somebody's work is gone with the login that init made for them.
// 3. A file that somebody changed since is copied before it is put back, and named. Accident: an edit of the policy is lost.
// 4. The change that was made last is undone first.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bystander, Change, SetupJournal } from '../core/setup-rules/change.ts';
import { withoutLines } from '../core/setup-rules/lines.ts';
import {
  accountStays,
  accountsChanged,
  failedToUndo,
  folderStays,
  homeStays,
  linkStays,
  otherAccount,
  wasChanged,
} from '../core/messages/setup.ts';
import { sanitizeLine } from '../core/text.ts';
import { isUntouchedHome } from './homes.ts';
import { digestFound, isSameFound, lookAt, put, textOf } from './found.ts';
import type { SetupFiles } from './journal.ts';
import { reloadUnits } from './perform.ts';
import { ask, lastLine } from './tools.ts';

/** Undoes every change of a journal (rules 1 to 4). @returns what could not be put back as it was, a sentence each */
export async function undoAll(files: SetupFiles, journal: SetupJournal): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const change of journal.changes.toReversed()) notes.push(...(await undoOne(files, journal.id, change)));
  return [...notes, ...(await putBystandersBack(journal.bystanders))];
}

/** Undoes changes that no journal has as its own. @returns what could not be put back as it was, a sentence each */
export async function undoChanges(files: SetupFiles, changes: readonly Change[]): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const change of changes.toReversed()) notes.push(...(await undoOne(files, 'other', change)));
  return notes;
}

const tries = 3;

async function undoOne(files: SetupFiles, id: string, change: Change): Promise<readonly string[]> {
  for (let left = tries; ; left--) {
    try {
      return await undo(files, id, change);
    } catch (error) {
      if (left === 1) return [failedToUndo(nameOf(change), sanitizeLine(String(error), 200))];
    }
  }
}

const nameOf = (change: Change): string => ('path' in change ? change.path : `${change.do} ${change.name}`);

async function undo(files: SetupFiles, id: string, change: Change): Promise<readonly string[]> {
  switch (change.do) {
    case 'file':
      return undoFile(files, id, change);
    case 'lines':
      return undoLines(files, id, change);
    case 'link':
      return undoLink(change);
    case 'folder':
      return undoFolder(change);
    case 'account':
      return undoAccount(change);
    case 'member':
      await ask('gpasswd', ['--delete', change.name, change.group]);
      return [];
    case 'linger':
      await ask('loginctl', ['enable-linger', change.name]);
      return [];
    case 'service':
      await ask('systemctl', ['disable', '--now', change.name]);
      return [];
  }
}

async function undoFile(
  files: SetupFiles,
  id: string,
  { path, before, digest }: Extract<Change, { do: 'file' }>,
): Promise<readonly string[]> {
  const now = await lookAt(path);
  // A draft that a killed program left goes in any case.
  if (isSameFound(now, before)) return (await put(path, before), []);
  const isOurs = digestFound(now) === digest || now.kind === 'absent';
  const copy = isOurs ? undefined : join(files.copies, id, path);
  if (copy !== undefined) {
    await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
    await put(copy, now);
  }
  await put(path, before);
  return copy === undefined ? [] : [wasChanged(path, copy)];
}

async function undoLines(
  files: SetupFiles,
  id: string,
  change: Extract<Change, { do: 'lines' }>,
): Promise<readonly string[]> {
  const now = await lookAt(change.path);
  const text = textOf(now);
  if (text === undefined || digestFound(now) === change.digest || isSameFound(now, change.before))
    return undoFile(files, id, { ...change, do: 'file' });
  const left = withoutLines(text, change.lines);
  const isEmpty = left.trim() === '' && change.before.kind === 'absent';
  if (isEmpty) await put(change.path, { kind: 'absent' });
  else if (left !== text && now.kind === 'file')
    await put(change.path, { ...now, bytes: Buffer.from(left).toString('base64') });
  return [];
}

async function undoLink({ path, to }: Extract<Change, { do: 'link' }>): Promise<readonly string[]> {
  const now = await lookAt(path);
  if (now.kind !== 'absent' && !isSameFound(now, { kind: 'link', to })) return [linkStays(path)];
  await put(path, { kind: 'absent' });
  await reloadUnits();
  return [];
}

async function undoFolder({ path }: Extract<Change, { do: 'folder' }>): Promise<readonly string[]> {
  const now = await lookAt(path);
  if (now.kind !== 'folder') return [];
  if ((await readdir(path)).length > 0) return [folderStays(path)];
  await put(path, { kind: 'absent' });
  return [];
}

/** useradd(8) may have been killed between its files, so the group is looked for alone. */
async function undoAccount({ name, uid, home }: Extract<Change, { do: 'account' }>): Promise<readonly string[]> {
  const entry = (await ask('getent', ['passwd', name])).out;
  if (entry !== '' && entry.split(':')[2] !== String(uid)) return [otherAccount(name)];
  if (entry !== '') {
    const { code, err } = await ask('userdel', [name]);
    if (code !== 0) return [accountStays(name, lastLine(err))];
  }
  if ((await ask('getent', ['group', name])).code === 0) await ask('groupdel', [name]);
  if (home === undefined || (await lookAt(home)).kind !== 'folder') return [];
  if (!(await isUntouchedHome(home))) return [homeStays(home)];
  await rm(home, { recursive: true, force: true });
  return [];
}

/**
 * Puts the copies that tools keep of their files (`/etc/passwd-`) back, where the files themselves are as before; else somebody else has
 * changed accounts meanwhile, and all of them stay.
 */
async function putBystandersBack(bystanders: readonly Bystander[]): Promise<readonly string[]> {
  const isCopy = ({ path }: Bystander): boolean => path.endsWith('-') || path.endsWith('.lock');
  const changed: string[] = [];
  for (const { path, before } of bystanders.filter((one) => !isCopy(one)))
    if (digestFound(await lookAt(path)) !== digestFound(before)) changed.push(path);
  if (changed.length > 0) return [accountsChanged(changed.join(', '))];
  for (const { path, before } of bystanders) if (!isSameFound(await lookAt(path), before)) await put(path, before);
  return [];
}
