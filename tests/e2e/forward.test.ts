// Laws 1 and 10 at the door (threats C4, C5, H4): nothing but the gate starts, and nothing goes around it.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { ClientChannel } from 'ssh2';
import { account } from '../../scripts/sandbox/accounts.ts';
import { outcome, type Outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { asAccount } from '../house/around.ts';
import { endAll, enter, eventually, journal, testHost } from '../house/inside.ts';

let host: Host;
/** A service of the host that only local programs should reach. */
let service: Server;
let servicePort = 0;
let reached = 0;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgc' });
  service = createServer((socket) => {
    reached++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  servicePort = (service.address() as { port: number }).port;
});
afterAll(async () => {
  service.close();
  await host[Symbol.asyncDispose]();
});

afterEach(async () => endAll(host));

const refused = /administratively prohibited|open failed|disabled|refused|failed|not permitted|Unable|prohibited/i;

test('law 10: ssh2 asks for every kind of forwarding, and sshd opens none', async () => {
  const client = await host.people.alice.connect();
  const socket = `${host.layout.run}/redis/sock`;
  const asked: Readonly<Record<string, (done: (error: Error | undefined) => void) => unknown>> = {
    local: (done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', servicePort, done),
    remote: (done) => client.forwardIn('127.0.0.1', 0, (error) => done(error)),
    streamlocal: (done) => client.openssh_forwardOutStreamLocal(socket, (error) => done(error)),
    'remote streamlocal': (done) =>
      client.openssh_forwardInStreamLocal(`${host.root}/in.sock`, (error) => done(error ?? undefined)),
    x11: (done) =>
      client.exec('whoami', { x11: true }, (error: Error | undefined, channel: ClientChannel) => {
        if (error === undefined) channel.close();
        done(error);
      }),
  };
  for (const [kind, begin] of Object.entries(asked)) {
    const error = await new Promise<Error | undefined>((resolve) => begin(resolve));
    expect(`${kind}: ${error?.message ?? 'opened'}`).toMatch(refused);
  }
  client.end();
  expect(reached).toBe(0);
  expect(existsSync(`${host.root}/in.sock`)).toBe(false);
});

test('law 10: OpenSSH without a command (-N -L, -N -R, -W, -w) carries nothing and starts nothing', async () => {
  const { alice } = host.people;
  const run = (options: readonly string[]): Promise<Outcome> =>
    outcome('ssh', [...options, ...alice.sshArgs()], { timeoutMs: 5_000 });
  const connected = journal(host.layout).length;
  expect((await run(['-W', `127.0.0.1:${String(servicePort)}`])).stderr).toMatch(/administratively prohibited/);
  expect(
    (await run(['-N', '-o', 'ExitOnForwardFailure=yes', '-R', `0:127.0.0.1:${String(servicePort)}`])).stderr,
  ).toMatch(/remote port forwarding failed/);
  expect(
    (await run(['-N', '-o', 'ExitOnForwardFailure=yes', '-R', `${host.root}/r.sock:127.0.0.1:${String(servicePort)}`]))
      .stderr,
  ).toMatch(/forwarding failed/);
  expect((await run(['-v', '-N', '-o', 'ExitOnForwardFailure=yes', '-w', '0:0'])).stderr).toMatch(
    /[Tt]unnel|tun device/,
  );
  expect(reached).toBe(0);
  expect(existsSync(`${host.root}/r.sock`)).toBe(false);
  expect(journal(host.layout)).toHaveLength(connected);
});

test('law 10: a local forward that the client opens anyway ends in an empty connection', async () => {
  const { alice } = host.people;
  const path = `${host.layout.client}/forward.sock`;
  const forward = outcome('ssh', ['-N', '-v', '-L', `${path}:127.0.0.1:${String(servicePort)}`, ...alice.sshArgs()], {
    timeoutMs: 4_000,
  });
  await eventually('the client listens', () => existsSync(path));
  const read = await outcome('perl', [
    '-MIO::Socket::UNIX',
    '-e',
    'my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; print $s "x"; print scalar(sysread($s, my $b, 9)) || 0',
    path,
  ]);
  expect(read.stdout).toBe('0');
  expect(reached).toBe(0);
  expect((await forward).stderr).toMatch(/administratively prohibited/);
  rmSync(path, { force: true });
});

test('law 10: agent and X11 are refused, and neither reaches the gate', async () => {
  const { alice } = host.people;
  const seen = await outcome('ssh', ['-v', '-A', '-X', ...alice.sshArgs(['whoami'])], {
    env: { DISPLAY: ':99', SSH_AUTH_SOCK: '/nonexistent' },
    timeoutMs: 10_000,
  });
  expect(seen.code).toBe(0);
  expect(seen.stderr).not.toMatch(/auth-agent@openssh.com channel/);
  expect(seen.stderr).toMatch(/X11 forwarding request failed|No xauth|untrusted X11/);
});

test('law 1: sudo runs the gate without arguments and nothing else, as nobody else, with nothing of the caller around it', async () => {
  const gate = `${host.layout.lib}/gate`;
  const attempts: readonly (readonly string[])[] = [
    [gate, '--help'],
    [gate, ''],
    ['-u', host.layout.serviceAccount, gate],
    ['-u', host.layout.sessionAccount, gate],
    ['-g', 'root', gate],
    ['-u', 'root', '-g', host.layout.gatedGroup, gate],
    ['-u', 'root', '-g', host.people.alice.login, gate],
    ['-E', gate],
    ['NODE_OPTIONS=--require=/tmp/x.js', gate],
    ['LD_PRELOAD=/tmp/x.so', gate],
    ['SSH_CONNECTION=1.2.3.4 1 1.2.3.4 2', 'SUDO_USER=root', gate],
    ['-D', '/tmp', gate],
    ['-R', '/tmp', gate],
    ['-s'],
    ['-i'],
    [`${host.layout.lib}/keeper`],
    [`${host.layout.lib}/tmux-gate`, 'unpin', host.people.alice.login],
    [`${host.layout.lib}/node`, '-e', '0'],
    ['/bin/sh'],
    [`${host.layout.lib}/../tmux-gate/gate/../keeper`],
  ];
  for (const words of attempts) {
    const { code, stderr } = await asAccount(host.people.alice.login, ['sudo', '-n', ...words]);
    expect({ words, code, stderr }).toEqual({
      words,
      code: 1,
      stderr: expect.stringMatching(
        /password is required|not allowed|not permitted|unknown|usage|No such file|command not found|may not/i,
      ),
    });
  }
  // With a group of their own sudo lets anybody be who they are already (sudo(8), -g): that is not root, and opens nothing.
  const own = await asAccount(host.people.alice.login, ['sudo', '-n', '-g', host.layout.gatedGroup, gate]);
  expect(own).toMatchObject({ code: 77, stderr: expect.stringContaining('[NOT_BY_SUDO]') });
  const rights = await asAccount(host.people.alice.login, ['sudo', '-n', '-l']);
  expect(rights.stdout.split('\n').filter((row) => row.trim().startsWith('('))).toEqual([
    `    (root) NOPASSWD: ${gate} ""`,
  ]);
});

test('law 2: variables that the caller sets do not reach the gate, and cannot make it somebody else', async () => {
  const trap = `${host.root}/trap`;
  mkdirSync(trap, { mode: 0o777 });
  writeFileSync(`${host.root}/trap.js`, `require('fs').writeFileSync('${trap}/sprung', '')`, { mode: 0o644 });
  const env = {
    ...{
      NODE_OPTIONS: `--require=${host.root}/trap.js`,
      NODE_PATH: host.root,
      NODE_V8_COVERAGE: trap,
      NODE_COMPILE_CACHE: trap,
    },
    ...{ LD_PRELOAD: '/nonexistent.so', OPENSSL_CONF: `${host.root}/trap.js`, BASH_ENV: `${host.root}/trap.js` },
    ...{ SUDO_UID: '0', SUDO_USER: 'root', SSH_ORIGINAL_COMMAND: 'whoami --json' },
  };
  const { stdout, code } = await asAccount(host.people.alice.login, ['sudo', '-n', `${host.layout.lib}/gate`], env);
  expect({ code, who: JSON.parse(stdout) as unknown }).toMatchObject({
    code: 0,
    who: { login: host.people.alice.login },
  });
  expect(readdirSync(trap)).toEqual([]);
  const outside = await outcome(`${host.layout.lib}/gate`, [], { env: { SSH_ORIGINAL_COMMAND: 'whoami' } });
  expect(outside).toMatchObject({ code: 77, stderr: expect.stringContaining('[NOT_BY_SUDO]') });
});

test('law 10: files planted in the home of a login run nothing and set nothing before the gate', async () => {
  const planted = `${host.root}/planted`;
  mkdirSync(planted);
  await outcome('chmod', ['1777', planted]);
  const { uid } = account(host.people.alice.login);
  const home = `${host.layout.home}/${host.people.alice.login}`;
  mkdirSync(`${home}/.ssh`);
  const mark = (name: string): string => `touch ${planted}/${name}-$$\n`;
  const files = {
    '.ssh/rc': mark('rc'),
    '.ssh/environment': `LD_PRELOAD=/nonexistent-environment.so\nBASH_ENV=${home}/.bashrc\n`,
    '.pam_environment': `LD_PRELOAD=/nonexistent-pam.so\nNODE_OPTIONS=--require=${home}/x.js\nBASH_ENV=${home}/.bashrc\nENV=${home}/.bashrc\n`,
    '.profile': mark('profile'),
    '.bashrc': mark('bashrc'),
    '.bash_profile': mark('bash_profile'),
    '.ssh/config': `PermitLocalCommand yes\nLocalCommand touch ${planted}/config\n`,
    '.tmux.conf': `run-shell 'touch ${planted}/tmux'\n`,
    'x.js': `require('fs').writeFileSync('${planted}/node', '')`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(`${home}/${name}`, text, { mode: 0o644 });
  writeFileSync(`${home}/.ssh/authorized_keys`, readFileSync(`${host.people.mallory.keyFile}.pub`, 'utf8'), {
    mode: 0o644,
  });
  const { code, stdout, stderr } = await host.people.alice.run(['whoami', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ login: host.people.alice.login });
  const inside = await enter(host, host.people.alice);
  await host.cli(['revoke', inside.grant]);
  await inside.terminal.exit;
  expect(inside.terminal.text).not.toContain('cannot be preloaded');
  expect(readdirSync(planted)).toEqual([]);
  const byOtherKey = await outcome(
    'ssh',
    ['-i', host.people.mallory.keyFile, '-l', host.people.alice.login, ...host.people.mallory.sshArgs(['whoami'])],
    { timeoutMs: 10_000 },
  );
  expect(byOtherKey).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied') });
  expect(uid).toBeGreaterThan(0);
});

test('law 1: the session account cannot be reached by ssh, also with a key that somebody left in its home', async () => {
  const { sessionAccount, home } = host.layout;
  mkdirSync(`${home}/${sessionAccount}/.ssh`, { mode: 0o700 });
  const { uid, gid } = account(sessionAccount);
  writeFileSync(
    `${home}/${sessionAccount}/.ssh/authorized_keys`,
    readFileSync(`${host.people.alice.keyFile}.pub`, 'utf8'),
    { mode: 0o600 },
  );
  await outcome('chown', ['-R', `${String(uid)}:${String(gid)}`, `${home}/${sessionAccount}/.ssh`]);
  const direct = await outcome('ssh', ['-l', sessionAccount, ...host.people.alice.sshArgs(['id'])], {
    timeoutMs: 10_000,
  });
  expect(direct).toMatchObject({ code: 255, stdout: '', stderr: expect.stringContaining('Permission denied') });
});
