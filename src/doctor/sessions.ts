// Checks the session accounts: what on the host would let a program started inside outlive its cgroup (threats C8), or let somebody in
// without the gate (C9).
import type { Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { accountByName, type Account } from '../adapters/accounts.ts';
import { fail, orOk, unknown, warn, type Check, type Finding } from './check.ts';
import { groupsOf, powerful, powerfulInside, sharingUid } from './groups.ts';
import { find, isThere, rowsOf, run, textOf } from './look.ts';
import { strongRules } from './sudo-strength.ts';
import type { Scene, Session } from './scene.ts';

type There = Session & { readonly account: Account };
type Judge = (session: There, scene: Scene) => Promise<Finding | undefined>;

/** A check with one finding for each account at fault. For sessions that share an account, the worse finding is kept. */
function each(id: string, about: string, fine: string, judge: Judge): Check {
  const look = async (scene: Scene): Promise<readonly Finding[]> => {
    const wrong = new Map<string, Finding>();
    for (const session of await scene.sessions()) {
      const { account } = session;
      const found = account === undefined ? undefined : await judge({ ...session, account }, scene);
      const known = wrong.get(session.policy.runAs);
      if (found !== undefined && known?.verdict !== 'fail')
        wrong.set(session.policy.runAs, { ...found, of: session.policy.runAs });
    }
    return orOk([...wrong.values()], fine);
  };
  return { id, about, look };
}

const account: Check = {
  id: 'session-account',
  about: 'each session account exists, is not root, and shares its uid with nobody',
  look: async (scene) => {
    const wrong: Finding[] = [];
    for (const { policy, account: found } of await scene.sessions()) {
      const name = policy.runAs;
      if (found === undefined) wrong.push(fail('it does not exist', `useradd -m ${name}`, name));
      else if (found.uid === 0) wrong.push(fail('it is root', 'name an account of its own in run_as', name));
      else {
        const others = await sharingUid(found);
        if (others.length > 0)
          wrong.push(fail(`it has the uid of ${others.join(', ')}`, 'give each account a uid of its own', name));
      }
    }
    return orOk(wrong, 'accounts of their own');
  },
};

const shared: Check = {
  id: 'session-shared',
  about: 'no two sessions run as the same account: a grant for one would reach the other',
  look: async (scene) => {
    const all = (await scene.sessions()).map(({ policy }) => policy.runAs);
    const twice = [...new Set(all.filter((name, at) => all.indexOf(name) !== at))];
    return orOk(
      twice.map((name) =>
        warn(
          'several sessions run as it: access to one is access to all',
          'give each session an account of its own',
          name,
        ),
      ),
      'an account each',
    );
  },
};

const sudo = each(
  'session-sudo',
  'no session account has sudo rights: with `privileges: account` and a way to root no limit holds',
  'none has sudo rights that count',
  async ({ account: { name }, policy: { privileges } }, scene) => {
    const { rules } = await scene.listing(name);
    if (rules.length === 0) return undefined;
    const strong = strongRules(rules);
    const shown = (strong.length > 0 ? strong : rules).slice(0, 2).join('; ');
    if (privileges === 'none')
      return warn(
        `sudo would let it run: ${shown}; inside, no_new_privs stops sudo`,
        `remove the rule: another way to become ${name} would open it`,
      );
    return strong.length > 0
      ? fail(`it becomes root by sudo: ${shown}`, 'remove the rule, or set privileges: none for its sessions')
      : warn(
          `sudo lets it run: ${shown}`,
          'make sure that none of these programs starts a shell or writes a file of root',
        );
  },
);

const groups = each(
  'session-groups',
  'no session account is in a group that is as good as root (docker, lxd, disk, shadow, ...)',
  'none is in a powerful group',
  async ({ account: { name }, policy: { privileges } }) => {
    const member = (await groupsOf(name)).filter((group) => powerful.has(group));
    if (member.length === 0) return undefined;
    const strong = member.some((group) => powerfulInside.has(group)) || privileges === 'account';
    return (strong ? fail : warn)(`it is in the group ${member.join(', ')}`, `gpasswd -d ${name} ${member[0] ?? ''}`);
  },
);

const password = each(
  'session-password',
  'session accounts have no password: nobody logs in or becomes them by `su`',
  'no password opens them',
  async ({ account: { name } }) => {
    const row = ((await textOf('/etc/shadow')) ?? '').split('\n').find((one) => one.startsWith(`${name}:`));
    const hash = row?.split(':')[1];
    if (hash === undefined || /^[!*]/.test(hash)) return undefined;
    return fail(hash === '' ? 'its password is empty' : 'it has a password', `passwd -l ${name}`);
  },
);

/** Whether an account may use cron or at. Where there is an allow list, only it counts (crontab(1), at(1)). */
export function mayUse(name: string, allow: string | undefined, deny: string | undefined): boolean {
  if (allow !== undefined) return rowsOf(allow).includes(name);
  return !rowsOf(deny ?? '').includes(name);
}

/** The check of cron or at. Both programs are set-uid or set-gid, so no_new_privs disables them inside a session. */
function timer(program: string, files: string, spools: readonly string[]): Check {
  return each(
    `session-${program === 'crontab' ? 'cron' : 'at'}`,
    `no session account may leave jobs to ${program}: they run outside the cgroup, after access has ended`,
    'no session account leaves jobs there',
    async ({ account: { name }, policy: { privileges } }) => {
      const remedy = `add ${name} to /etc/${files}.deny; where there is a /etc/${files}.allow, leave it out of that`;
      for (const spool of spools)
        if (await hasJob(spool, name))
          return fail(`it has a job in ${spool}`, `read the job, then remove it; ${remedy}`);
      if ((await find(program)) === undefined) return undefined;
      const [allow, deny] = [await textOf(`/etc/${files}.allow`), await textOf(`/etc/${files}.deny`)];
      if (!mayUse(name, allow, deny)) return undefined;
      if (privileges === 'account') return fail(`it may use ${program}`, remedy);
      return warn(`it may use ${program} (inside, no_new_privs stops it)`, remedy);
    },
  );
}

/** Whether the account has a job: cron's files are named after the account, at's belong to its uid. */
async function hasJob(spool: string, name: string): Promise<boolean> {
  if (await isThere(`${spool}/${name}`)) return true;
  const [account, names] = await Promise.all([accountByName(name), readdir(spool).catch(() => [])]);
  const owners = await Promise.all(names.map(async (one) => lstat(`${spool}/${one}`).catch(() => undefined)));
  return owners.some((stats) => stats?.isFile() === true && stats.uid === account?.uid);
}

const linger = each(
  'session-linger',
  'no session account lingers: systemd would keep its processes outside every cgroup of ours',
  'none lingers',
  async ({ account: { name } }) =>
    (await isThere(`/var/lib/systemd/linger/${name}`))
      ? fail('it lingers', `loginctl disable-linger ${name}`)
      : undefined,
);

const manager = each(
  'session-user-manager',
  "each session account's `user@UID.service` is masked: no systemd of its own starts anything",
  'masked, or there is no systemd',
  async ({ account: { uid } }) => {
    if (!(await isThere('/run/systemd/system'))) return undefined;
    const { out } = await run('systemctl', ['is-enabled', `user@${uid}.service`]);
    return out.startsWith('masked')
      ? undefined
      : warn(`user@${uid}.service may start`, `systemctl mask user@${uid}.service`);
  },
);

const path = each(
  'session-path',
  "no session account can write into the host's folders of programs",
  'none can write there',
  async ({ account: { name, uid } }) => {
    const gids = (await run('id', ['-G', '--', name])).out.trim().split(' ').map(Number);
    const stats = await Promise.all(
      programFolders.map(async (folder) => [folder, await stat(folder).catch(() => undefined)] as const),
    );
    const open = stats.filter(([, one]) => one !== undefined && canWrite(one, uid, gids)).map(([folder]) => folder);
    return open.length === 0
      ? undefined
      : fail(`it can write into ${open.join(', ')}`, `chown root:root ${open.join(' ')}; chmod go-w ${open.join(' ')}`);
  },
);

const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Whether an account can write a folder. Only groups that it is in count: Debian may give /usr/local to an empty group staff. */
export function canWrite(stats: Pick<Stats, 'uid' | 'gid' | 'mode'>, uid: number, gids: readonly number[]): boolean {
  if (stats.uid === uid || (stats.mode & 0o002) !== 0) return true;
  return (stats.mode & 0o020) !== 0 && gids.includes(stats.gid);
}

const leftKeys = each(
  'session-keys',
  'no keys lie in the homes of session accounts: harmless while sshd denies them, and a sign that somebody tried',
  'no keys in their homes',
  async ({ account: { home } }) => {
    const files = [`${home}/.ssh/authorized_keys`, `${home}/.ssh/authorized_keys2`];
    const found = (await Promise.all(files.map(async (file) => ((await isThere(file)) ? [file] : [])))).flat();
    return found.length === 0
      ? undefined
      : warn(`${found.join(', ')} is there`, 'find out who left it (see the recordings), then remove it');
  },
);

const privileges: Check = {
  id: 'session-privileges',
  about: 'which sessions run with `privileges: account`: sudo and set-uid programs work inside',
  look: async (scene) => {
    const sessions = await scene.sessions();
    if (sessions.length === 0) return [unknown('the policy has no session', 'add one under sessions')];
    return orOk(
      sessions
        .filter(({ policy }) => policy.privileges === 'account')
        .map(({ policy }) =>
          warn('it runs with privileges: account', 'set privileges: none unless sudo is needed inside', policy.name),
        ),
      'no_new_privs is set in every session',
    );
  },
};

export const sessionChecks: readonly Check[] = [
  account,
  shared,
  privileges,
  sudo,
  groups,
  password,
  timer('crontab', 'cron', ['/var/spool/cron/crontabs', '/var/spool/cron']),
  timer('at', 'at', ['/var/spool/cron/atjobs', '/var/spool/at']),
  linger,
  manager,
  path,
  leftKeys,
];
