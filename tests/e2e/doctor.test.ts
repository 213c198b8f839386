// `tmux-gate doctor`: a healthy host is told to be one, to a person and to a program, and is the same afterwards.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { globSync, lstatSync, readFileSync } from 'node:fs';
import { outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { diagnose, findingOf, sshdConfigOf } from '../harness/doctor.ts';
import { journal, testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ ownRedis: true, prefix: 'tgdoc' });
});
afterAll(async () => host[Symbol.asyncDispose]());

/** Of the machine that the test runs on, not of the sandbox: its kernel, its time service, its packages. */
const ofTheMachine = [
  ...['kernel-tiocsti', 'kernel-ptrace', 'kernel-hidepid', 'clock-sync', 'host-space', 'session-user-manager'],
  ...[
    'session-cron',
    'session-at',
    'sshd-agent',
    'tool-tmux',
    'tool-sudo',
    'tool-openssh',
    'tool-redis',
    'sudo-extras',
  ],
];
/** The sandbox's provider has no certificate. */
const ofTheSandbox = ['host-options', 'provider-https'];

const command = (): readonly string[] => ['doctor', '--sshd-config', sshdConfigOf(host)];

test('a healthy host: everything is in order but what is the machine’s, or known of a sandbox', async () => {
  const { checks, code, ok } = await diagnose(host, ['--except', ...ofTheMachine]);
  const wrong = checks.filter(({ verdict }) => verdict !== 'ok');
  expect(wrong.map(({ id, verdict }) => [id, verdict])).toEqual(ofTheSandbox.map((id) => [id, 'warn']));
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(checks.length).toBeGreaterThan(65);
});

test('what is the machine’s is never a failure here', async () => {
  const { checks } = await diagnose(host, ['--only', ...ofTheMachine]);
  expect(checks.map(({ id }) => id).sort()).toEqual([...ofTheMachine].sort());
  expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
});

test('--json: every check has an id, a verdict, a why, and a remedy where something is wrong', async () => {
  const { checks } = await diagnose(host);
  for (const check of checks) {
    expect(check.id).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(['ok', 'warn', 'unknown', 'fail']).toContain(check.verdict);
    expect(check.why).not.toBe('');
    expect(check.remedy === null).toBe(check.verdict === 'ok');
  }
  expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
});

test('for a person: without a terminal there is no colour, no spinner, and no line is longer than 80', async () => {
  const { stdout, stderr } = await host.cli(command());
  expect(stdout).toMatch(/^ok {4}sshd {6}forced-command /m);
  expect(stdout).toMatch(/^warn {2}provider-https\n {6}.*\n(?: {6}.*\n)* {6}fix: give the provider a certificate/m);
  expect(stdout).toMatch(/^\d+ checks: \d+ in order/m);
  expect(stdout).not.toContain('\u001b');
  expect(stderr).toBe('');
  expect(Math.max(...stdout.split('\n').map((text) => text.length))).toBeLessThanOrEqual(80);
  expect((await host.cli([...command(), '--all'])).stdout).toMatch(/^ok {4}sshd-tty {15}in force: PermitTTY yes$/m);
});

test('on a terminal there is colour, and what is drawn while it looks is gone in the end', async () => {
  await using terminal = new Terminal(`${host.layout.lib}/tmux-gate`, command(), { cols: 80, rows: 90 });
  await terminal.exit;
  expect(terminal.text).toContain('\u001b[33mwarn\u001b[0m');
  const screen = (await terminal.screen()).join('\n');
  expect(screen).toMatch(/^ok {4}config$/m);
  expect(screen).not.toContain('Looking');
});

test('exit codes: an unknown check 64, not root 77', async () => {
  const { code, stderr } = await host.cli([...command(), '--only', 'sshd', 'frobnicate']);
  expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('there is no check frobnicate') });
  const { login } = host.people.bob;
  const as = ['--reuid', login, '--regid', login, '--init-groups', `${host.layout.lib}/tmux-gate`];
  const told = await outcome('setpriv', [...as, ...command()]);
  expect(told.code).toBe(77);
  expect(told.stdout).toContain('Some checks need root: sudo tmux-gate doctor');
  expect(told.stdout).not.toContain('FAIL');
});

test('--login looks at that login alone; one that does not exist is said', async () => {
  const { code, checks } = await diagnose(host, ['--only', 'login-found', '--login', 'nobody-here']);
  expect({ code, why: checks[0]?.why }).toEqual({ code: 1, why: 'there is no account nobody-here' });
  const only = await diagnose(host, ['--login', host.people.bob.login]);
  expect(findingOf(only, 'login-found').why).toMatch(/^1 of group/);
});

/** Everything that matches: what it is, whose, and what it holds. The keeper may sign its journal meanwhile, so that is left out. */
function treeOf(places: string): readonly string[] {
  return globSync(places, {
    exclude: (path) => /\/node$|\/client$|\/lib\/tmux-gate\/(?:journal|checkpoint)/.test(path),
  })
    .sort()
    .map((path) => {
      const { mode, uid, gid, size, mtimeMs } = lstatSync(path);
      if (!lstatSync(path).isFile()) return [path, mode, uid, gid].join(' ');
      const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
      return [path, mode, uid, gid, size, mtimeMs, digest].join(' ');
    });
}

test('it changes nothing: no file of the host, no line of the journal, no key in Redis', async () => {
  const look = async () => ({
    files: [`${host.root}/**`, `/etc/sudoers.d/${host.prefix}*`, '/etc/ssh/**', '/etc/pam.d/*'].flatMap(treeOf),
    records: journal(host.layout).filter(({ event }) => event !== 'head'),
    keys: await redis(host.layout, 'dbsize'),
    changes: /rdb_changes_since_last_save:\d+/.exec(await redis(host.layout, 'info', 'persistence'))?.[0],
  });
  const before = await look();
  expect(before.files.length).toBeGreaterThan(50);
  await diagnose(host);
  await host.cli([...command(), '--all']);
  expect(await look()).toEqual(before);
});
