// Plans the accounts: session accounts and gated logins, as docs/logins.md has them.
import { readFile } from 'node:fs/promises';
import { homeFault } from '../adapters/accounts.ts';
import { noFreeUid, unfitAccount, unfitLogin } from '../core/messages/setup-faults.ts';
import { adminFault, nextUid, sessionAccountFault } from '../core/setup-rules/account-ids.ts';
import { gatedGroup } from '../core/setup-rules/wanted.ts';
import { SetupFault } from './fault.ts';
import { lookAt, isSameFound } from './found.ts';
import { factsOf, groupExists, lingers } from './host-facts.ts';
import type { Planned } from './perform.ts';
import { isBooted, toolPath } from './tools.ts';

/** Gives a uid to each account that is planned, one after another. */
export interface Uids {
  next(): Promise<number>;
}

/** The uids that are free now. @throws SetupFault (next) when there is none left */
export function openUids(): Uids {
  let last: number | undefined;
  return {
    next: async () => {
      const [passwd, defs] = await Promise.all([readFile('/etc/passwd', 'utf8'), textOr('/etc/login.defs')]);
      const free = nextUid(`${passwd}\nx:x:${String(last ?? '')}:`, defs);
      if (free === undefined) throw new SetupFault(noFreeUid);
      return (last = free);
    },
  };
}

const textOr = async (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** Makes an account that sessions run as, or closes the ways around the gate for one that is there. @throws SetupFault when it is unfit */
export async function planSessionAccount(name: string, uids: Uids): Promise<readonly Planned[]> {
  const known = await factsOf(name);
  const fault = known === undefined ? undefined : sessionAccountFault(known);
  if (fault !== undefined) throw new SetupFault(unfitAccount(name, fault));
  if (known === undefined && (await groupExists(name))) throw new SetupFault(unfitAccount(name, 'group'));
  if (known?.groups.includes(gatedGroup) === true) throw new SetupFault(unfitAccount(name, 'gated'));
  const uid = known?.uid ?? (await uids.next());
  const made = known === undefined ? [await makeAccount(name, uid)] : [];
  const linger: readonly Planned[] = lingers(name)
    ? [{ change: { do: 'linger', name }, command: ['loginctl', 'disable-linger', name] }]
    : [];
  return [...made, ...linger, ...(await planMask(uid))];
}

async function makeAccount(name: string, uid: number): Promise<Planned> {
  const home = `/home/${name}`;
  const words = ['useradd', '-m', '-d', home, '-s', '/bin/bash', '-p', '*', '-u', String(uid), name];
  // A home that is there is somebody's, and stays when the account goes.
  const isNew = (await lookAt(home)).kind === 'absent';
  return { change: { do: 'account', name, uid, ...(isNew ? { home } : {}) }, command: words };
}

/** systemd starts no manager for the account: what it would run is outside the session's cgroup. */
async function planMask(uid: number): Promise<readonly Planned[]> {
  if (!isBooted()) return [];
  const [path, to] = [`/etc/systemd/system/user@${uid}.service`, '/dev/null'];
  if (isSameFound(await lookAt(path), { kind: 'link', to })) return [];
  return [{ change: { do: 'link', path, to }, command: ['systemctl', 'mask', `user@${uid}.service`] }];
}

/** Makes a gated login, or gates one that is there and owns nothing. @throws SetupFault when it is unfit */
export async function planLogin(name: string, programs: string, uids: Uids): Promise<readonly Planned[]> {
  const known = await factsOf(name);
  if (known === undefined) {
    if (await groupExists(name)) throw new SetupFault(unfitLogin(name, 'group'));
    return newLogin(name, await uids.next());
  }
  const fault = adminFault(known) ?? (await homeFault(known.account, programs));
  if (fault !== undefined) throw new SetupFault(unfitLogin(name, fault));
  if (known.groups.includes(gatedGroup)) return [];
  const command = ['gpasswd', '--add', name, gatedGroup];
  return [{ change: { do: 'member', name, group: gatedGroup }, command }];
}

/** A shell that reads no file before it runs a command (adapters/accounts.ts, rule 3). */
const shell = (): string => (toolPath('dash') === undefined ? '/bin/sh' : '/bin/dash');

async function newLogin(name: string, uid: number): Promise<readonly Planned[]> {
  const home = `/home/${name}`;
  const words = ['useradd', '-M', '-d', home, '-s', shell(), '-p', '*', '-u', String(uid), '-G', gatedGroup, name];
  const made: Planned = { change: { do: 'account', name, uid }, command: words };
  return [...(await planFolder(home, 0o755)), made];
}

/** Makes a folder of root where nothing is. */
export async function planFolder(path: string, mode: number): Promise<readonly Planned[]> {
  if ((await lookAt(path)).kind !== 'absent') return [];
  const command = ['install', '-d', '-o', 'root', '-g', 'root', '-m', mode.toString(8).padStart(4, '0'), path];
  return [{ change: { do: 'folder', path, mode }, command }];
}
