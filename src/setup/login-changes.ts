// `login add`, `login remove` and `login list`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountByName, readGroup } from '../adapters/accounts.ts';
import { removeFile } from '../adapters/durable.ts';
import { noSuchLogin, unfitLogin } from '../core/messages/setup-faults.ts';
import { isLogin } from '../core/ids.ts';
import type { LoginAnswer } from '../core/setup-rules/answers.ts';
import type { Change } from '../core/setup-rules/change.ts';
import { gatedGroup, keyFile, places } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';
import { noteRemoved, readKept, type SetupFiles } from './journal.ts';
import type { Planned } from './perform.ts';
import { openUids, planFolder, planLogin } from './plan-accounts.ts';
import { planFiles } from './plan-files.ts';
import { ask } from './tools.ts';
import { undoChanges } from './undo.ts';

/** The changes that gate a login with these keys; none when it is gated with them. @throws SetupFault when it is unfit */
export async function planLoginAdd(login: LoginAnswer, programs: string): Promise<readonly Planned[]> {
  requireName(login.name);
  return [
    ...(await planFolder(places.loginKeys, 0o755)),
    ...(await planLogin(login.name, programs, openUids())),
    ...(await planFiles([keyFile(login)])),
  ];
}

/** @throws SetupFault when the name is none that can be gated, or leads to another folder */
export function requireName(name: string): void {
  if (!isLogin(name) || name === '.' || name === '..') throw new SetupFault(unfitLogin(name, 'name'));
}

/** A gated login. */
export interface GatedLogin {
  readonly name: string;
  readonly keys: number;
  readonly account: 'made' | 'found' | 'missing';
}

/** The gated logins: members of the group, and whoever has a file of keys. */
export async function listLogins(files: SetupFiles): Promise<readonly GatedLogin[]> {
  const members = (await readGroup(gatedGroup))?.members ?? [];
  const named = await readdir(places.loginKeys).catch(() => []);
  const made = new Map((await madeAccounts(files)).map(({ name, uid }) => [name, uid]));
  const names = [...new Set([...members, ...named])].filter(isLogin).sort();
  return Promise.all(
    names.map(async (name): Promise<GatedLogin> => {
      const account = await accountByName(name);
      const keys = await keysOf(name);
      if (account === undefined) return { name, keys, account: 'missing' };
      return { name, keys, account: made.get(name) === account.uid ? 'made' : 'found' };
    }),
  );
}

async function keysOf(name: string): Promise<number> {
  const text = await readFile(join(places.loginKeys, name), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')).length;
}

type Account = Extract<Change, { do: 'account' }>;

async function keptChanges(files: SetupFiles): Promise<readonly Change[]> {
  return (await readKept(files)).flatMap(({ journal }) => journal.changes);
}

/** The accounts that setup made and that are not undone. */
async function madeAccounts(files: SetupFiles): Promise<readonly Account[]> {
  return (await keptChanges(files)).filter((change) => change.do === 'account');
}

/** Remembers what a login has that setup did not give it: no `--undo` brings that back. */
async function noteOwn(files: SetupFiles, { name, keys: count }: GatedLogin): Promise<void> {
  const changes = await keptChanges(files);
  if (changes.length === 0) return; // there is nothing to undo
  const path = join(places.loginKeys, name);
  const keys = changes.some((change) => 'path' in change && change.path === path) ? 0 : count; // --undo puts the file back
  const given = changes.some((change) => (change.do === 'member' || change.do === 'account') && change.name === name);
  const member = !given && ((await readGroup(gatedGroup))?.members ?? []).includes(name);
  if (keys > 0 || member) await noteRemoved(files, { name, keys, member });
}

/**
 * Takes a login its keys and its group, and removes the account where setup made it.
 * @returns why the account stays; undefined when it is gone; `found` when setup did not make it.
 * @throws SetupFault when there is no such login
 */
export async function removeLogin(files: SetupFiles, name: string): Promise<string | undefined> {
  requireName(name);
  const known = (await listLogins(files)).find((login) => login.name === name);
  if (known === undefined) throw new SetupFault(noSuchLogin(name));
  await noteOwn(files, known);
  await removeFile(join(places.loginKeys, name));
  await ask('gpasswd', ['--delete', name, gatedGroup]);
  if (known.account !== 'made') return known.account === 'found' ? 'found' : undefined;
  const account = (await madeAccounts(files)).filter((one) => one.name === name);
  const home: Change = { do: 'folder', path: `/home/${name}`, mode: 0o755 };
  const [why] = await undoChanges(files, [home, ...account]);
  return why;
}
