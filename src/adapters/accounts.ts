// Reads Unix accounts, and decides whether a login can be gated (docs/design.md, "The policy"; threats C4).
//
// 1. Accounts come from getent(1), so that a directory (sssd, LDAP) counts like /etc/passwd. An entry counts only when it is exactly the
//    one that was asked for. Attack: a directory that ignores case; a name that reads as a uid.
// 2. sshd and PAM read ~/.ssh and ~/.pam_environment before the gate starts, so the login may not be able to change them: no folder on
//    the way there, links included, belongs to it or is writable by group or others. Attack: a login changes its own environment.
// 3. Only login shells that are known to read no startup file are accepted. Attack: such a file runs as the login before the forced
//    command.
import { execFile } from 'node:child_process';
import type { Stats } from 'node:fs';
import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Refused } from '../core/refusal.ts';

/** An entry of passwd(5). */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** An entry of group(5). */
export interface Group {
  readonly gid: number;
  /** The listed names. Accounts that have it as their primary group are not among them. */
  readonly members: readonly string[];
}

const getentPath = '/usr/bin/getent';
const getentMs = 2_000;
const getentNotFound = 2; // getent(1), exit status
const outputLimit = 64 * 1024;
const cacheMs = 5_000;
const cacheLimit = 1_000;
const linkLimit = 20;
const env = { PATH: '/usr/bin:/bin', LANG: 'C' };

/** Wider than the names that can be gated (core/ids.ts `isLogin`), so that the others are refused with a reason. One line, no option. */
const accountName = /^[^\s\p{C}:/-][^\s\p{C}:/]{0,255}$/u;

/** The accounts of this host; an answer is reused for 5 s. */
export interface Accounts {
  /**
   * Looks an account up by its uid.
   * @returns undefined when no account has the uid.
   * @throws Refused UNKNOWN_LOGIN when the directory does not answer within 2 s.
   */
  byUid(uid: number): Promise<Account | undefined>;
  /** Looks an account up by its name, as `accountByName` does. */
  byName(name: string): Promise<Account | undefined>;
}

type Ask = (key: string) => Promise<Account | undefined>;

/**
 * Nothing is asked yet.
 * @param monotonicNow milliseconds of a clock that nobody can set.
 * @param ask asks the directory for a name or a uid.
 */
export function openAccounts(monotonicNow: () => number, ask: Ask = askDirectory): Accounts {
  const remembered = remember(monotonicNow, ask);
  return {
    byUid: async (uid) => (isUid(uid) ? exactly(await remembered(String(uid)), 'uid', uid) : undefined),
    byName: async (name) => (accountName.test(name) ? exactly(await remembered(name), 'name', name) : undefined),
  };
}

/**
 * Looks an account up by its name, for callers that ask once.
 * @returns undefined when no account has exactly this name.
 * @throws Refused UNKNOWN_LOGIN when the directory does not answer within 2 s.
 */
export async function accountByName(name: string): Promise<Account | undefined> {
  return accountName.test(name) ? exactly(await askDirectory(name), 'name', name) : undefined;
}

const isUid = (uid: number): boolean => Number.isSafeInteger(uid) && uid >= 0;

/** Rule 1. */
function exactly<K extends 'uid' | 'name'>(
  found: Account | undefined,
  key: K,
  wanted: Account[K],
): Account | undefined {
  return found?.[key] === wanted ? found : undefined;
}

/** Answers are kept for 5 s; failures are not kept. */
function remember(monotonicNow: () => number, ask: Ask): Ask {
  const cache = new Map<string, { readonly until: number; readonly found: Promise<Account | undefined> }>();
  return async (key) => {
    const now = monotonicNow();
    const known = cache.get(key);
    if (known !== undefined && known.until > now) return known.found;
    if (cache.size >= cacheLimit) cache.clear();
    const found = ask(key);
    cache.set(key, { until: now + cacheMs, found });
    found.catch(() => cache.delete(key));
    return found;
  };
}

/**
 * Looks a group up by its name or gid.
 * @returns undefined when it does not exist.
 * @throws Refused UNKNOWN_LOGIN when the directory does not answer within 2 s.
 */
export async function readGroup(key: string | number): Promise<Group | undefined> {
  return getent('group', String(key), (entry) => {
    const [, , gid, members = ''] = entry.split(':');
    return { gid: Number(gid), members: members.split(',').filter((name) => name !== '') };
  });
}

async function askDirectory(key: string): Promise<Account | undefined> {
  return getent('passwd', key, parseAccount);
}

function getent<T>(database: string, key: string, read: (line: string) => T | undefined): Promise<T | undefined> {
  const options = { timeout: getentMs, killSignal: 'SIGKILL', maxBuffer: outputLimit, env } as const;
  return new Promise((resolve, reject) => {
    execFile(getentPath, ['--', database, key], options, (error, stdout) => {
      if (error === null) resolve(read(stdout.split('\n')[0] ?? ''));
      else if (error.code === getentNotFound) resolve(undefined);
      else reject(new Refused('UNKNOWN_LOGIN', {}, error));
    });
  });
}

/** Parses a line of passwd(5); an empty shell means /bin/sh. @returns undefined when the line is malformed. */
export function parseAccount(entry: string): Account | undefined {
  const [name = '', , uid = '', gid = '', , home = '', shell] = entry.split(':');
  if (shell === undefined || !/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) return undefined;
  if (!accountName.test(name) || !home.startsWith('/')) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home, shell: shell === '' ? '/bin/sh' : shell };
}

/**
 * Why a login cannot be gated: `home` by rule 2, `shell` by rule 3; undefined when it can be gated. A home that does not exist is
 * accepted when the login could not create it.
 * @param programs the folder of tmux-gate's own programs; a program of root there is accepted as a login shell.
 */
export async function homeFault(account: Account, programs?: string): Promise<'home' | 'shell' | undefined> {
  if (await homeIsOpen(account)) return 'home';
  return (await readsNothing(account, programs)) ? undefined : 'shell';
}

/** Whether the login can change what sshd or PAM read in its home (rule 2). */
export async function homeIsOpen(account: Account): Promise<boolean> {
  const read = [account.home, join(account.home, '.ssh'), join(account.home, '.pam_environment')];
  for (const path of read) if (await changes(account, path)) return true;
  return false;
}

/**
 * Whether the login's shell reads no startup file when it runs one command (rule 3): dash, busybox, and bash under the name `sh`
 * (bash(1), INVOCATION).
 */
export async function readsNothing(account: Account, programs: string | undefined): Promise<boolean> {
  if (await changes(account, account.shell)) return false;
  const [file, stats] = await Promise.all([there(realpath(account.shell)), there(stat(account.shell))]);
  if (file === undefined || stats?.uid !== 0 || !stats.isFile()) return false;
  if (basename(account.shell) === 'sh' || ['dash', 'busybox'].includes(basename(file))) return true;
  return programs !== undefined && dirname(file) === resolve(programs);
}

/** Whether the login can change what a path leads to (rule 2). A path that cannot be examined (NFS, EIO) counts as changeable. */
export async function changes(account: Account, path: string): Promise<boolean> {
  try {
    return await walks(account, resolve(path).split('/').filter(Boolean), 0);
  } catch {
    return true;
  }
}

async function walks(account: Account, parts: readonly string[], links: number): Promise<boolean> {
  let [at, folder] = ['/', await lstat('/')];
  for (const [index, part] of parts.entries()) {
    const next = join(at, part);
    const stats = await there(lstat(next));
    if (stats === undefined) return canAdd(account, folder);
    if (writes(account, folder)) return true;
    if (stats.isSymbolicLink()) {
      if (stats.uid === account.uid || links === linkLimit) return true;
      const target = join(resolve(at, await readlink(next)), ...parts.slice(index + 1));
      return await walks(account, target.split('/').filter(Boolean), links + 1);
    }
    [at, folder] = [next, stats];
  }
  return canAdd(account, folder);
}

/** The result; undefined when the file does not exist. */
async function there<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}

/** Whether the login can create a file in the folder. The group's write bit always counts, because group membership changes. */
function canAdd(account: Account, stats: Stats): boolean {
  return stats.uid === account.uid || (stats.mode & 0o022) !== 0;
}

/** Whether the login can replace what is in the folder. In a sticky folder of root it cannot (unlink(2), EPERM). */
function writes(account: Account, stats: Stats): boolean {
  return canAdd(account, stats) && !(stats.uid === 0 && (stats.mode & 0o1000) !== 0);
}
