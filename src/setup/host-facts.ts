// What setup must know of the host: accounts, templates of the package, daemons that leave jobs.
import { readFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountByName, type Account } from '../adapters/accounts.ts';
import { unlessMissing } from '../adapters/missing.ts';
import { notInstalled } from '../core/messages/setup-faults.ts';
import type { AccountFacts } from '../core/setup-rules/account-ids.ts';
import { gatedGroup, places, type Daemons, type Templates } from '../core/setup-rules/wanted.ts';
import type { Layout } from '../wire/layout.ts';
import { readLoginuid } from '../wire/loginuid.ts';
import { SetupFault } from './fault.ts';
import { ask, toolPath } from './tools.ts';

/** Where the package has its templates, and where a build has them. */
const shares = (programs: string): readonly string[] => ['/usr/share/tmux-gate', join(programs, 'share')];
const names = { sudoers: 'sudoers', sshd: 'sshd.conf', tmuxConf: 'tmux.conf', configExample: 'config.yaml.example' };

/** The templates that the package brings. @throws SetupFault when it is not installed */
export async function readTemplates({ programs }: Pick<Layout, 'programs'>): Promise<Templates> {
  const folder = shares(programs).find((path) => existsSync(join(path, names.sudoers)));
  const isThere = folder !== undefined && (await groupExists(gatedGroup)) && (await accountExists(gatedGroup));
  if (!isThere) throw new SetupFault(notInstalled);
  const read = async (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const [sudoers, sshd, tmuxConf, configExample] = await Promise.all(Object.values(names).map(read));
  return { sudoers: sudoers ?? '', sshd: sshd ?? '', tmuxConf: tmuxConf ?? '', configExample: configExample ?? '' };
}

/** Whether a local group or one of a directory has this name. */
export const groupExists = async (name: string): Promise<boolean> => (await ask('getent', ['group', name])).code === 0;
const accountExists = async (name: string): Promise<boolean> => (await accountByName(name)) !== undefined;

/** The daemons that an account could leave jobs to. A list of those who may use one makes a list of the others useless (crontab(1)). */
export function daemonsHere(): Daemons {
  return {
    cron: toolPath('crontab') !== undefined && !existsSync(places.cronAllow),
    at: toolPath('at') !== undefined && !existsSync(places.atAllow),
  };
}

/** Whether systemd keeps something running for an account (loginctl(1)). */
export const lingers = (account: string): boolean => existsSync(`/var/lib/systemd/linger/${account}`);

/** What is known of an account; undefined when there is none. */
export async function factsOf(name: string): Promise<(AccountFacts & { readonly account: Account }) | undefined> {
  const account = await accountByName(name);
  if (account === undefined) return undefined;
  const groups = (await ask('id', ['-Gn', '--', name])).out.trim().split(' ');
  return {
    ...{ account, name, uid: account.uid, groups, adminUid: adminUid() },
    hasWayIn: (await hasPassword(name)) || existsSync(join(account.home, '.ssh/authorized_keys')),
  };
}

/** Who logged in, by the kernel; where it does not know, by sudo. */
export function adminUid(): number | undefined {
  const { loginuid } = readLoginuid(readFileSync('/proc/self/loginuid', 'latin1'));
  const bySudo = Number(process.env['SUDO_UID'] ?? NaN);
  return loginuid ?? (Number.isSafeInteger(bySudo) ? bySudo : undefined);
}

async function hasPassword(name: string): Promise<boolean> {
  const shadow = (await readFile('/etc/shadow', 'utf8').catch(unlessMissing)) ?? '';
  const hash = shadow
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')[1];
  return hash !== undefined && !/^[!*]/.test(hash);
}
