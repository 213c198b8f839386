// The group of the gated logins, and who is in it.
import { readdir } from 'node:fs/promises';
import { readGroup } from '../adapters/accounts.ts';
import { rowsOf, run, sudoersComment, textOf } from './look.ts';

/** The group whose members may start the gate by sudo. It is searched in sudo's files, because sudo lists its rules only by login. */
export async function groupOfRule(gate: string): Promise<string | undefined> {
  for (const path of ['/etc/sudoers', ...(await sudoersFiles())]) {
    const rule = rowsOf((await textOf(path)) ?? '', sudoersComment).find(
      (row) => row.startsWith('%') && row.includes(gate),
    );
    if (rule !== undefined) return /^%([^\s:%]+)/.exec(rule)?.[1];
  }
  return undefined;
}

/** The files that sudo reads: it skips names with a dot, or with a tilde at the end (sudoers(5), @includedir). */
async function sudoersFiles(): Promise<string[]> {
  const names = await readdir('/etc/sudoers.d').catch(() => [] as string[]);
  return names.filter((name) => !name.includes('.') && !name.endsWith('~')).map((name) => `/etc/sudoers.d/${name}`);
}

/** The members of a group, and the accounts that have it as primary group, as far as the directory lists accounts. */
export async function membersOf(group: string | undefined): Promise<readonly string[]> {
  if (group === undefined) return [];
  const found = await readGroup(group);
  if (found === undefined) return [];
  const passwd = (await run('getent', ['--', 'passwd'])).out.split('\n').map((row) => row.split(':'));
  const primary = passwd.filter((row) => row[3] === String(found.gid)).map(([name = '']) => name);
  return [...new Set([...found.members, ...primary])].filter((name) => name !== '');
}
