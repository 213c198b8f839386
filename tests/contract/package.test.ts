// What is in the packages. What they do on a host is shown by scripts/fresh-host.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildPackage } from '../../scripts/packaging/build.ts';
import { changelog, releaseOf } from '../../scripts/packaging/texts.ts';
import { outcome } from '../../scripts/sandbox/exec.ts';
import { installedBy } from '../../src/adapters/installed.ts';
import { stateFormat } from '../../src/keeper/state/format.ts';
import { ownRoot, type OwnRoot } from '../harness/own-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-packages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const release = { version: '0.1.0', epoch: 1_790_000_000, packed: 'none' } as const;

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const filesBelow = (root: string): readonly string[] =>
  globSync('**/*', { cwd: root }).filter((path) => !lstatSync(join(root, path)).isDirectory());
const megabyte = 1_000_000;

test('the release is the version of package.json and the time of the commit', () => {
  process.env['SOURCE_DATE_EPOCH'] = '1790000000';
  expect(releaseOf()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/), epoch: 1_790_000_000 });
  delete process.env['SOURCE_DATE_EPOCH'];
  expect(releaseOf('9.9').version).toBe('9.9');
  expect(changelog(release)).toMatch(/^ -- .+ <.+> {2}[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} 2026 [\d:]{8} \+0000$/m);
});

describe('the .deb', () => {
  let deb = '';
  let again = '';
  const root = join(folder, 'deb');
  beforeAll(async () => {
    for (const name of ['first', 'second']) mkdirSync(join(folder, name));
    deb = await buildPackage('deb-amd64', join(folder, 'first'), release);
    const before = process.umask(0o077);
    try {
      again = await buildPackage('deb-amd64', join(folder, 'second'), release);
    } finally {
      process.umask(before);
    }
    execFileSync('dpkg-deb', ['-x', deb, root]);
  });

  test('is equal to the byte when it is built again, elsewhere, later, with another umask', () => {
    expect(hashOf(again)).toBe(hashOf(deb));
  });

  test('belongs to root, and nobody else can write to any of it', () => {
    const rows = execFileSync('dpkg-deb', ['-c', deb], { encoding: 'utf8' }).trimEnd().split('\n');
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => !/^(?:[-d]rw[x-]r-[x-]r-[x-]|lrwxrwxrwx) root\/root /.test(row))).toEqual([]);
  });

  test('has one Node, takes at most 170 MB on the disk, and needs no other', () => {
    expect(filesBelow(root).filter((path) => path.endsWith('/node'))).toEqual(['usr/lib/tmux-gate/node']);
    const bytes = filesBelow(root).reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0);
    expect(bytes).toBeLessThan(170 * megabyte);
    expect(execFileSync('dpkg-deb', ['-f', deb, 'Depends'], { encoding: 'utf8' })).not.toContain('nodejs');
  });

  test('puts nothing in force: rules are examples, and below /etc there is an empty folder', () => {
    expect(filesBelow(root).filter((path) => path.startsWith('etc/'))).toEqual([]);
    for (const name of ['sudoers', 'sshd.conf', 'config.yaml.example', 'tmux.conf'])
      expect(lstatSync(join(root, 'usr/share/tmux-gate', name)).isFile()).toBe(true);
  });

  test('has programs that run from where they are', async () => {
    expect(readlinkSync(join(root, 'usr/sbin/tmux-gate'))).toBe('../lib/tmux-gate/tmux-gate');
    const programs = join(root, 'usr/lib/tmux-gate');
    const { code, stdout } = await outcome(join(programs, 'node'), [join(programs, 'tmux-gate'), 'version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('0.') });
  });

  test('has scripts that a shell can read', () => {
    const control = join(folder, 'control');
    execFileSync('dpkg-deb', ['-e', deb, control]);
    for (const name of ['preinst', 'postinst', 'prerm', 'postrm']) execFileSync('dash', ['-n', join(control, name)]);
    expect(readFileSync(join(control, 'preinst'), 'utf8')).toMatch(/^known=[1-9]\d*$/m);
  });

  test('says that a package installed the programs, which a build of the checkout does not', () => {
    expect(installedBy(join(root, 'usr/lib/tmux-gate'))).toBe('deb');
    expect(installedBy(folder)).toBe('checkout');
    writeFileSync(join(folder, 'installed-by'), 'somebody else\n');
    expect(installedBy(folder)).toBe('checkout');
  });

  test('names the licence of everything that it contains', () => {
    const texts = execFileSync('zcat', [join(root, 'usr/share/doc/tmux-gate/third-party-licences.gz')], {
      encoding: 'utf8',
    });
    for (const name of ['zod', 'yargs', 'ioredis', '@lydell/node-pty', 'Node.js'])
      expect(texts).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });
});

describe('the .rpm', () => {
  const root = join(folder, 'rpm');
  let rpm = '';
  beforeAll(async () => {
    for (const name of ['third', 'fourth', 'rpm']) mkdirSync(join(folder, name));
    rpm = await buildPackage('rpm-amd64', join(folder, 'third'), release);
    execFileSync('sh', ['-c', `rpm2cpio ${rpm} | cpio -idm --quiet`], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });

  test('is equal to the byte when it is built again', async () => {
    expect(hashOf(await buildPackage('rpm-amd64', join(folder, 'fourth'), release))).toBe(hashOf(rpm));
  });

  test('has its programs below /usr/libexec, and nothing in it names another place', () => {
    expect(filesBelow(root).filter((path) => path.startsWith('usr/lib/tmux-gate'))).toEqual([]);
    const texts = filesBelow(root).filter((path) => !/\/(?:node|pty\.node|tmux-gate)$|\.gz$/.test(path));
    const wrong = texts.filter((path) => readFileSync(join(root, path), 'utf8').includes('/usr/lib/tmux-gate'));
    expect(texts.length).toBeGreaterThan(30);
    expect(wrong).toEqual([]);
    for (const name of ['sudoers', 'sshd.conf'])
      expect(readFileSync(join(root, 'usr/share/tmux-gate', name), 'utf8')).toContain('/usr/libexec/tmux-gate/gate');
  });

  test('says that it is one', () => {
    expect(installedBy(join(root, 'usr/libexec/tmux-gate'))).toBe('rpm');
  });

  test('has programs that find everything from there', async () => {
    const programs = join(root, 'usr/libexec/tmux-gate');
    expect(readFileSync(join(programs, 'gate'), 'utf8')).toMatch(/^#!.* \/usr\/libexec\/tmux-gate\/node /);
    mkdirSync(join(root, 'etc/tmux-gate'), { recursive: true });
    writeFileSync(join(root, 'etc/tmux-gate/config.yaml'), 'nonsense: true\n', { mode: 0o600 });
    const { stdout, stderr } = await outcome(join(programs, 'node'), [join(programs, 'tmux-gate'), 'policy', 'check']);
    expect(stdout + stderr).toContain(join(root, 'etc/tmux-gate'));
  });

  test('is installed, upgraded and removed by rpm, but not over later state nor while a change of init waits', async () => {
    mkdirSync(join(folder, 'fifth'));
    const later = await buildPackage('rpm-amd64', join(folder, 'fifth'), { ...release, version: '0.1.1' });
    await using host = await ownRoot();
    const [format, pending] = ['/var/lib/tmux-gate/format', '/var/lib/tmux-gate/setup/pending.json'];
    await host.must('sh', '-c', `rm -rf /var/lib/tmux-gate && mkdir -p ${dirname(pending)}`);
    await host.must('rpm', '--nodeps', '-i', rpm);
    expect(await host.must('/usr/sbin/tmux-gate', 'version')).toContain('0.1.0');
    expect(await host.must('getent', 'group', 'tmux-gate')).toMatch(/^tmux-gate:/);

    await host.must('sh', '-c', `echo ${String(stateFormat + 1)} > ${format}`);
    await expectRefused(host, ['-U', later], 'keep the later version');
    await host.must('sh', '-c', `echo ${String(stateFormat)} > ${format}; echo {} > ${pending}`);
    await expectRefused(host, ['-U', later], 'waits for its confirmation');
    await expectRefused(host, ['-e', 'tmux-gate'], 'waits for its confirmation');

    await host.must('rm', pending);
    await host.must('rpm', '--nodeps', '-U', later);
    expect(await host.must('rpm', '-q', 'tmux-gate')).toBe('tmux-gate-0.1.1-1.x86_64\n');
    await host.must('rpm', '-e', 'tmux-gate');
    await host.must('sh', '-c', `! ls -d /usr/libexec/tmux-gate /usr/sbin/tmux-gate && cat ${format}`);
  });
});

/** rpm says why not, and what is installed stays whole. */
async function expectRefused(host: OwnRoot, words: readonly string[], why: string): Promise<void> {
  const { code, stderr } = await host.run('rpm', '--nodeps', ...words);
  expect({ code, stderr }).toEqual({ code: expect.any(Number), stderr: expect.stringContaining(why) });
  expect(code).not.toBe(0);
  expect(await host.must('rpm', '-q', 'tmux-gate')).toBe('tmux-gate-0.1.0-1.x86_64\n');
  expect(await host.must('/usr/sbin/tmux-gate', 'version')).toContain('0.1.0');
}
