// Temporary homes: new, the account's own, and gone without a trace and without a step outside (law 6).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { Account } from '../../src/adapters/accounts.ts';
import { homeIds, makeHome, removeHome } from '../../src/adapters/tmux-home.ts';
import { throwaway, type Throwaway } from './accounts-throwaway.ts';
import { until } from './tmux-bench.ts';

let own: Throwaway;
let account: Account;
let root: string;
let homes: string;
/** Root's, and not of the home. */
let outside: string;
let next = 0;
let id: string;

beforeAll(async () => {
  own = await throwaway();
  ({ account } = own);
  root = mkdtempSync('/run/tmux-gate-test-');
  chmodSync(root, 0o755);
  homes = `${root}/homes`;
  outside = `${root}/outside`;
  mkdirSync(homes, { mode: 0o711 });
  chmodSync(homes, 0o711);
});
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await own[Symbol.asyncDispose]();
});
beforeEach(async () => {
  id = `T${String(next++)}`;
  await makeHome(homes, id, account);
  rmSync(outside, { recursive: true, force: true });
  mkdirSync(`${outside}/deep`, { recursive: true });
  writeFileSync(`${outside}/deep/precious`, 'precious');
});

const step = (): string[] => ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];

/** Lines of Perl as the account, in the home. */
function perl(lines: readonly string[]): void {
  const script = [`chdir "${homes}/${id}" or die "chdir: $!";`, ...lines].join('\n');
  execFileSync('setpriv', [...step(), 'perl', '-e', script], { cwd: '/' });
}

async function expectGone(): Promise<void> {
  expect(await removeHome(homes, id)).toBeUndefined();
  expect(existsSync(`${homes}/${id}`)).toBe(false);
  expect(readFileSync(`${outside}/deep/precious`, 'utf8')).toBe('precious');
}

test('a home is new, the account’s alone, and in a folder that only root writes and nobody lists', async () => {
  expect(lstatSync(`${homes}/${id}`)).toMatchObject({ uid: account.uid, gid: account.gid, mode: 0o040700 });
  expect(readdirSync(`${homes}/${id}`)).toEqual([]);
  expect(await homeIds(homes)).toContain(id);
  await expect(makeHome(homes, id, account)).rejects.toMatchObject({ code: 'EEXIST' });
  for (const command of [`ls ${homes}`, `mv ${homes}/${id} ${homes}/x`, `rmdir ${homes}/${id}`, `touch ${homes}/x`])
    expect(() => execFileSync('setpriv', [...step(), 'sh', '-c', command], { stdio: 'ignore' })).toThrow();
  await expectGone();
  expect(await removeHome(homes, id)).toBeUndefined();
});

test('no home is made where others could write, nor removed under a name that climbs', async () => {
  chmodSync(homes, 0o777);
  await expect(makeHome(homes, 'OTHER', account)).rejects.toThrow('not root');
  chmodSync(homes, 0o711);
  for (const name of ['..', '../outside', '', '-rf', 'a/b'])
    await expect(removeHome(homes, name)).rejects.toThrow('no id of a session');
  expect(existsSync(outside)).toBe(true);
});

test('what the account made unreadable, named oddly, linked and nested beyond the longest path goes; what links name stays', async () => {
  perl([
    'mkdir "shut"; mkdir "shut/below"; open F, ">shut/below/file"; chmod 0, "shut/below/file", "shut/below", "shut";',
    String.raw`for my $name ("-rf", "--no-preserve-root", "a\nb", "\xff\xfe", "* ?", "\e[2J", "x" x 255) { open F, ">./$name" or die $! }`,
    `symlink "${outside}", "link"; symlink "${outside}/deep/precious", "file"; symlink "..", "up"; symlink "/", "top";`,
    'mkdir "sticky"; chmod 01700, "sticky"; symlink "loop", "loop";',
    'use POSIX; mkfifo("fifo", 0600) or die;',
    'for (1 .. 600) { mkdir("d" x 20) or die; chdir("d" x 20) or die } open F, ">deepest";',
    'chmod 0, ".";',
  ]);
  linkSync(`${outside}/deep/precious`, `${homes}/${id}/hard`);
  symlinkSync(outside, `${homes}/${id}/roots`);
  await expectGone();
});

test('a process of the account that swaps folders for links under the feet of the removal leads it nowhere', async () => {
  for (let round = 0; round < 3; round++) {
    id = `R${String(next++)}`;
    await makeHome(homes, id, account);
    perl(['mkdir "real"; mkdir "real/deep"; for (1 .. 300) { open F, ">real/deep/$_" } mkdir "spare";']);
    const swap = [
      `chdir "${homes}/${id}"; symlink "${outside}", "spare/link"; $| = 1; print "on\\n";`,
      'while (1) { rename "real", "spare/real"; rename "spare/link", "real"; rename "real", "spare/link"; rename "spare/real", "real"; }',
    ].join('\n');
    const racer = spawn('setpriv', [...step(), 'perl', '-e', swap], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => racer.stdout.once('data', resolve));
    await removeHome(homes, id); // the racer may hold on to a name: then the next start removes it
    racer.kill('SIGKILL');
    await until(() => racer.signalCode !== null);
    await expectGone();
  }
});

test.each([
  ['a bind mount of the same file system', (to: string) => ['--bind', outside, to]],
  ['a file system of its own', (to: string) => ['-t', 'tmpfs', 'tmpfs', to]],
])('%s in a home is not crossed: what is on it stays, and what stood in the way is said', async (_, words) => {
  const mount = `${homes}/${id}/m n\\t`;
  mkdirSync(mount);
  execFileSync('mount', words(mount));
  try {
    writeFileSync(`${mount}/far`, 'far');
    expect(await removeHome(homes, id)).toBe(`${mount} is a mount`);
    expect(readFileSync(`${mount}/far`, 'utf8')).toBe('far');
    expect(readFileSync(`${outside}/deep/precious`, 'utf8')).toBe('precious');
    expect(lstatSync(`${homes}/${id}`)).toMatchObject({ uid: 0, mode: 0o040700 });
  } finally {
    execFileSync('umount', [mount]);
  }
  await expectGone();
});
