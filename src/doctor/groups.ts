// Which groups are equivalent to root, and who is in them.
import type { Account } from '../adapters/accounts.ts';
import { NotInspectable } from './not-inspectable.ts';
import { run } from './look.ts';

/** Members become root by what the group can open. This needs no set-uid program, so no_new_privs does not prevent it. */
const opens = [
  'docker',
  'podman',
  'lxd',
  'lxc',
  'incus',
  'incus-admin',
  'libvirt',
  'disk',
  'kmem',
  'shadow',
  'root',
  'staff',
  'sys',
];
/** Members become root by sudo or polkit, which no_new_privs prevents. */
const raises = ['sudo', 'wheel', 'admin'];

/** Groups that are equivalent to root on the host; `powerfulInside` are those that are so inside a session too. */
export const powerful: ReadonlySet<string> = new Set([...opens, ...raises]);
export const powerfulInside: ReadonlySet<string> = new Set(opens);

/** The groups of an account, the primary one first. @throws NotInspectable when there is no such account. */
export async function groupsOf(name: string): Promise<readonly string[]> {
  const { code, out } = await run('id', ['-Gn', '--', name]);
  if (code !== 0) throw new NotInspectable(`there is no account ${name}`);
  return out.trim().split(' ');
}

/** Other accounts with the same uid: they own the same files and may signal the same processes. */
export async function sharingUid({ name, uid }: Account): Promise<readonly string[]> {
  const rows = (await run('getent', ['--', 'passwd'])).out.split('\n').map((row) => row.split(':'));
  return rows.filter((row) => row[2] === String(uid) && row[0] !== name).map(([other = '']) => other);
}
