// Makes and removes the Unix accounts of a sandbox.
//
// 1. Each account has the sandbox's name in its GECOS field. An account without it is somebody else's and is not touched.
// 2. A login owns nothing: root owns its home and keys, and its shell (dash) reads no startup files (docs/threats.md, C4).
// 3. No process outlives its account, since uids are reused, and a new account would get the processes of the old one.
import { chownSync, readFileSync } from 'node:fs';
import { must } from './exec.ts';
import { makeFolder } from './files.ts';
import type { Layout } from './layout.ts';
import { killAll, ofUids } from './processes.ts';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly gecos: string;
}

const rows = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(':'));

const accounts = (): Account[] =>
  rows('/etc/passwd').map(([name = '', , uid, gid, gecos = '']) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    gecos,
  }));

const groupExists = (name: string): boolean => rows('/etc/group').some(([group]) => group === name);

/** An account of this host. @throws Error when there is none with this name */
export function account(name: string): Account {
  const found = accounts().find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no account ${name}`);
  return found;
}

/** The groups that a sandbox makes: that of the gated logins, and one for each account. */
export const groupsOf = (layout: Layout, logins: readonly string[]): string[] => [
  layout.gatedGroup,
  layout.serviceAccount,
  layout.sessionAccount,
  ...logins,
];

/** Checks that names are free. To be called after `removeAccounts`. @throws Error when an account or group has one of them */
export function refuseTakenNames(names: readonly string[]): void {
  const taken = names.filter((name) => groupExists(name) || accounts().some((existing) => existing.name === name));
  if (taken.length > 0) {
    throw new Error(`these accounts or groups exist and are not ours: ${taken.join(', ')}; choose another prefix`);
  }
}

/** Runs a program of the shadow package under a lock of the sandboxes, since under its own lock the second of two fails (useradd(8)). */
const inTurn = (program: string, args: readonly string[]) =>
  must('flock', ['/run/lock/tmux-gate-sandbox-accounts', program, ...args]);

interface NewAccount {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
  /** Besides its own. */
  readonly groups?: readonly string[];
}

// '*' is the hash of no password. Unlike '!' it does not mean "locked", which sshd without PAM would refuse.
const add = ({ gecos }: Layout, { name, home, shell, groups = [] }: NewAccount) =>
  inTurn('useradd', [
    '--badname',
    '-M',
    '-U',
    '-l',
    '-p',
    '*',
    '-c',
    gecos,
    '-d',
    home,
    '-s',
    shell,
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    name,
  ]);

/** Makes the gated group, the logins, the service account and the session account. */
export async function makeAccounts(layout: Layout, logins: readonly string[]): Promise<void> {
  await inTurn('groupadd', [layout.gatedGroup]);
  for (const login of logins) {
    const home = `${layout.home}/${login}`;
    makeFolder(home, 0o755);
    await add(layout, { name: login, home, shell: '/bin/sh', groups: [layout.gatedGroup] });
  }
  await add(layout, { name: layout.serviceAccount, home: '/nonexistent', shell: '/usr/sbin/nologin' });
  const home = `${layout.home}/${layout.sessionAccount}`;
  await add(layout, { name: layout.sessionAccount, home, shell: '/bin/bash' });
  makeFolder(home, 0o700);
  const { uid, gid } = account(layout.sessionAccount);
  chownSync(home, uid, gid);
}

/** The accounts whose GECOS field names this sandbox. */
export const markedAccounts = (layout: Layout): Account[] =>
  accounts().filter(({ gecos, uid }) => gecos === layout.gecos && uid !== 0);

/** Kills the processes of the sandbox's accounts, then removes the accounts and these groups. */
export async function removeAccounts(layout: Layout, groups: readonly string[]): Promise<void> {
  const ours = markedAccounts(layout);
  const uids = ours.map(({ uid }) => uid);
  await killAll(() => ofUids(uids));
  for (const { name } of ours) await inTurn('userdel', [name]);
  for (const group of groups.filter(groupExists)) await inTurn('groupdel', [group]);
}
