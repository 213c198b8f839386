// `tmux-gate probe`, from outside, as a gated login: all of it is refused on the shipped configuration, and for each line of
// sshd's configuration that is taken out or weakened the right row says OPEN (threats C4, C5, H4).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Outcome } from '../../scripts/sandbox/exec.ts';
import { removeSudoRule, installSudoRule } from '../../scripts/sandbox/sudo-rule.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { journal, testHost } from '../harness/inside.ts';
import { withOtherSshd } from '../harness/sshd-lines.ts';

interface Report {
  readonly ok: boolean;
  readonly login: string;
  readonly server: string;
  readonly hostKey: string;
  readonly attempts: readonly { readonly id: string; readonly verdict: string; readonly saw: string }[];
}

let host: Host;
/** A service of the host on a Unix socket that every account may open. */
let service: Server;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgp' });
  service = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => service.listen(socketPath(), resolve));
  chmodSync(socketPath(), 0o777);
});
afterAll(async () => {
  service.close();
  const { uid } = account(host.people.alice.login);
  for (const path of globSync('/tmp/tmux-gate-probe-*')) if (statSync(path).uid === uid) rmSync(path);
  await host[Symbol.asyncDispose]();
});

const socketPath = (): string => `${host.root}/open.sock`;

async function probe(...more: readonly string[]): Promise<Outcome> {
  const { alice } = host.people;
  const where = ['127.0.0.1', '--port', String(host.sshd.port), '--login', alice.login, '--key', alice.keyFile];
  const trust = ['--host-key', `${host.root}/etc/ssh/host_ed25519.pub`];
  return host.cli(['probe', ...where, ...trust, '--socket', socketPath(), '--timeout', '30s', ...more]);
}

/** Ids and verdicts of what was tried. */
async function verdicts(...only: readonly string[]): Promise<Outcome & { found: Readonly<Record<string, string>> }> {
  const outcome = await probe('--json', ...only.flatMap((id) => ['--only', id]));
  const { attempts } = JSON.parse(outcome.stdout) as Report;
  return { ...outcome, found: Object.fromEntries(attempts.map(({ id, verdict }) => [id, verdict])) };
}

const all = (ids: readonly string[], verdict: string): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, verdict]));

const byCommand = ['shell', 'shell-pty', 'exec', 'exec-meta', 'exec-line', 'sftp', 'scp', 'rsync', 'exec-again'];
const byForward = [
  'forward-22',
  'forward-6379',
  'forward-socket',
  'listen-tcp',
  'listen-socket',
  'agent',
  'x11',
  'tun',
];
const byRequest = ['proof', 'env-preload', 'env-node', 'env-bash', 'env-lc', 'sessions', 'exec-twice', 'signal'];
const everything = [...byCommand, ...byForward, ...byRequest];

describe('on the shipped configuration', () => {
  test('everything is refused, the table says by whom, and the journal holds refusals alone', async () => {
    const before = journal(host.layout).length;
    const { code, stdout, stderr } = await probe();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = stdout.split('\n').filter((row) => /^(?:refused|OPEN|unknown) /.test(row));
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2).join(' '))).toEqual(everything.map((id) => `refused ${id}`));
    expect(stdout).toContain(
      `${String(everything.length)} tried: ${String(everything.length)} refused, 0 OPEN, 0 unknown.`,
    );
    expect(stdout).toMatch(/^refused +shell +a shell without a terminal: the gate says NO_PTY$/m);
    expect(stdout).toMatch(/^refused +shell-pty +a shell on a terminal: the gate asks for a sign-in$/m);
    for (const row of stdout.split('\n')) expect(row.length).toBeLessThanOrEqual(80);
    const left = journal(host.layout).slice(before);
    expect([...new Set(left.map(({ event }) => event))].filter((event) => event !== 'head')).toEqual(['refused']);
  });

  test('--json says the same, with what it means and what to do', async () => {
    const { code, stdout } = await probe('--json');
    const report = JSON.parse(stdout) as Report;
    expect(report.attempts.filter(({ verdict }) => verdict !== 'refused')).toEqual([]);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      ok: true,
      login: host.people.alice.login,
      server: expect.stringMatching(/^OpenSSH/),
    });
    expect(report.hostKey).toMatch(/^SHA256:/);
    for (const attempt of report.attempts)
      expect(attempt).toMatchObject({ verdict: 'refused', means: expect.any(String), remedy: expect.any(String) });
  });

  test('an idle connection is closed', async () => {
    const { stdout, code } = await withOtherSshd(host, 'Timeout 30', 'Timeout 1', async () =>
      probe('--idle', '20s', '--only', 'idle'),
    );
    expect({ stdout, code }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^refused +idle .*sshd closed it$/m),
    });
  });

  test('a keeper that is down refuses as well', async () => {
    await host.keeper.stop();
    const { code, found } = await verdicts('shell', 'shell-pty', 'exec');
    await host.keeper.start();
    expect({ code, found }).toEqual({ code: 0, found: all(['shell', 'shell-pty', 'exec'], 'refused') });
  });
});

/** The line, and the two that close the same where sshd does not keep its word (CVE-2025-32728). */
const forwarding =
  /DisableForwarding yes[^]*X11Forwarding no/.exec(readFileSync(join(repo, 'sshd_config.example'), 'utf8'))?.[0] ?? '';

describe('a line that is missing or weak shows', () => {
  const weaknesses: readonly (readonly [string, string, readonly string[]])[] = [
    ['AcceptEnv LANG LC_ALL LC_CTYPE NO_COLOR TMUX_GATE_PLAIN', '', ['env-lc']],
    [
      'AcceptEnv LANG LC_ALL LC_CTYPE NO_COLOR TMUX_GATE_PLAIN',
      'AcceptEnv *',
      ['env-preload', 'env-node', 'env-bash', 'env-lc'],
    ],
    ['AuthenticationMethods publickey', '', ['proof']],
    ['MaxSessions 1', '', ['sessions']],
    ['PermitTunnel no', 'PermitTunnel yes', ['tun']],
    ['DisableForwarding yes', '', byForward.filter((id) => !['tun', 'agent', 'x11'].includes(id))],
    [forwarding, '', byForward.filter((id) => id !== 'tun')],
  ];

  test.each(weaknesses)('"%s" becomes "%s"', async (piece, becomes, opened) => {
    // sshd forwards X11 only where it finds an xauth to ask later; none is started here.
    const xauth = 'PermitUserEnvironment no\n';
    const tried = [...byForward, ...byRequest];
    const { code, found } = await withOtherSshd(host, xauth, `${xauth}XAuthLocation /bin/true\n`, async () =>
      withOtherSshd(host, `  ${piece}\n`, `  ${becomes}\n`, async () => verdicts(...tried)),
    );
    expect({ code, found }).toEqual({ code: 1, found: { ...all(tried, 'refused'), ...all(opened, 'OPEN') } });
  });

  test('"UnusedConnectionTimeout 30" is missing', async () => {
    const { code, stdout } = await withOtherSshd(host, 'UnusedConnectionTimeout 30', '', async () =>
      probe('--idle', '3s', '--only', 'idle'),
    );
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^OPEN +idle .*Fix +Unused/ms),
    });
  });

  test('"ForceCommand" is missing: whatever was asked for runs, and says so', async () => {
    const { all: each, one } = await withOtherSshd(host, '  ForceCommand ', '  #', async () => ({
      all: await verdicts(...byCommand, 'signal', 'forward-22'),
      one: await probe('--only', 'exec'),
    }));
    const opened = { ...all([...byCommand, 'signal'], 'OPEN'), 'forward-22': 'refused' };
    expect({ code: each.code, found: each.found }).toEqual({ code: 1, found: opened });
    const { stdout } = one;
    expect(stdout).toMatch(/^OPEN +exec +a command: id: it ran: uid=\d+/m);
    expect(stdout).toMatch(/^Fix +ForceCommand exec sudo -n/m);
    expect(stdout).toContain('1 tried: 0 refused, 1 OPEN, 0 unknown.');
  });

  test('a forced command that is another is neither called the gate nor safe', async () => {
    const { code, found } = await withOtherSshd(host, 'ForceCommand exec', 'ForceCommand echo welcome; #', async () =>
      verdicts('shell', 'exec', 'scp'),
    );
    expect({ code, found }).toEqual({ code: 75, found: all(['shell', 'exec', 'scp'], 'unknown') });
  });

  test('a sudo rule that is missing is unknown, and shows what was said', async () => {
    removeSudoRule(host.layout);
    const { code, stdout } = await probe('--only', 'exec');
    await installSudoRule(host.layout);
    expect({ code, stdout }).toMatchObject({ code: 75, stdout: expect.stringMatching(/unexpected output: sudo:/) });
  });
});
