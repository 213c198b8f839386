// The doctor behind the door: files, session accounts, Redis and keeper, one thing wrong at a time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import { Daemon } from '../../scripts/sandbox/daemon.ts';
import { must, outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { accepts, freePort } from '../../scripts/sandbox/sockets.ts';
import {
  changed,
  diagnose,
  expectOnly,
  findingOf,
  inGroup,
  ownedBy,
  sudoersLine,
  usermod,
  withConfig,
  withMode,
  written,
  type Diagnosis,
  type Sabotage,
  type Verdicts,
} from '../harness/doctor.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { testHost } from '../harness/inside.ts';
import { redis } from '../harness/store-under-test.ts';

let host: Host;
let healthy: Diagnosis;

beforeAll(async () => {
  host = await testHost({ ownRedis: true, prefix: 'tgpart' });
  healthy = await diagnose(host);
});
afterAll(async () => host[Symbol.asyncDispose]());

const expectTurned = async (verdicts: Verdicts, remedy: RegExp): Promise<Diagnosis> =>
  expectOnly(host, healthy, verdicts, remedy);

describe('files', () => {
  test.each<readonly [place: (host: Host) => string, mode: number, id: string]>([
    [({ layout }) => `${layout.lib}/relay.js`, 0o666, 'files-programs'],
    [({ layout }) => layout.lib, 0o777, 'files-programs'],
    [({ layout }) => `${layout.etc}/tmux.conf`, 0o664, 'files-tmux-conf'],
    [({ root }) => `${root}/var/lib/tmux-gate/keys/host.jwk`, 0o640, 'files-keys'],
    [({ root }) => `${root}/var/lib/tmux-gate/journal/journal.jsonl`, 0o644, 'files-journal'],
    [({ root }) => `${root}/var/lib/tmux-gate/recordings`, 0o755, 'files-recordings'],
    [({ layout }) => `${layout.run}/keeper.sock`, 0o666, 'files-run'],
    [({ layout }) => `${layout.run}/redis/sock`, 0o666, 'files-redis'],
  ])('law 10: a wider mode (%#)', async (place, mode, id) => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(withMode(place(host), mode));
    await expectTurned({ [id]: 'fail' }, /chmod|install/);
  });

  test.each([
    ['a checkout', undefined, /run deploy\/install\.sh/],
    ['a .deb', 'deb\n', /apt install --reinstall tmux-gate/],
    ['an .rpm', 'rpm\n', /dnf reinstall tmux-gate/],
  ])('programs that somebody could change: on a host with %s they are put back by what brought them', async (...of) => {
    const [, installed, remedy] = of;
    await using spoilt = new AsyncDisposableStack();
    if (installed !== undefined) spoilt.use(written(`${host.layout.lib}/installed-by`, installed));
    spoilt.use(withMode(`${host.layout.lib}/relay.js`, 0o666));
    const now = await diagnose(host, ['--only', 'files-programs']);
    expect(findingOf(now, 'files-programs')).toMatchObject({
      ...{ verdict: 'fail', remedy: expect.stringMatching(remedy) },
    });
  });

  test('law 10: a pin that the session account owns', async () => {
    const pins = `${host.root}/var/lib/tmux-gate/pins.json`;
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(written(pins, '{}', 0o600));
    const { uid, gid } = account(host.layout.sessionAccount);
    spoilt.use(ownedBy(pins, uid, gid));
    await expectTurned({ 'files-state': 'fail' }, /chown 0:0/);
  });

  test('a policy that others can write: exit 78, and what does not need it is looked at all the same', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(withMode(`${host.layout.etc}/config.yaml`, 0o622));
    const now = await diagnose(host);
    expect(now.code).toBe(78);
    expect(findingOf(now, 'config')).toMatchObject({ verdict: 'fail', why: expect.stringContaining('chmod go-w') });
    expect(findingOf(now, 'redis-answers').verdict).toBe('unknown');
    expect(findingOf(now, 'sshd-forced-command').verdict).toBe('ok');
  });
});

describe('session accounts', () => {
  const dba = (): string => host.layout.sessionAccount;
  test.each<readonly [what: string, spoil: () => Sabotage | Promise<Sabotage>, verdicts: Verdicts, remedy: RegExp]>([
    ['is in the group disk', () => inGroup(dba(), 'disk'), { 'session-groups': 'fail' }, /gpasswd -d/],
    [
      'is in the group sudo',
      () => inGroup(dba(), 'sudo'),
      { 'session-groups': 'warn', 'session-sudo': 'warn' },
      /gpasswd -d/,
    ],
    [
      'may run all as root',
      () => sudoersLine(host, `${dba()} ALL=(ALL) NOPASSWD: ALL`),
      { 'session-sudo': 'warn' },
      /no|take/,
    ],
    ['has a password', () => usermod(dba(), '-p', '$y$j9T$x$x', '*'), { 'session-password': 'fail' }, /passwd -l/],
    [
      'has a key in its home',
      () => {
        mkdirSync(`${host.layout.home}/${dba()}/.ssh`);
        return written(`${host.layout.home}/${dba()}/.ssh/authorized_keys`, '');
      },
      { 'session-keys': 'warn' },
      /recordings/,
    ],
    [
      'is in the group of the service account',
      () => inGroup(dba(), host.layout.serviceAccount),
      { 'host-service-account': 'fail' },
      /of its own/,
    ],
  ])('one that %s', async (_what, spoil, verdicts, remedy) => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(await spoil());
    const now = await expectTurned(verdicts, remedy);
    expect(findingOf(now, Object.keys(verdicts)[0] ?? '').why).toContain(host.prefix);
    rmSync(`${host.layout.home}/${dba()}/.ssh`, { recursive: true, force: true });
  });

  test('threats C8: one that lingers keeps a systemd of its own', async () => {
    const folder = '/var/lib/systemd/linger';
    const made = mkdirSync(folder, { recursive: true });
    try {
      await using spoilt = new AsyncDisposableStack();
      spoilt.use(written(`${folder}/${dba()}`, ''));
      await expectTurned({ 'session-linger': 'fail' }, /disable-linger/);
    } finally {
      if (made !== undefined) rmSync(made, { recursive: true });
    }
  });

  const session = (config: Record<string, unknown>): Record<string, unknown> =>
    (config['sessions'] as Record<string, Record<string, unknown>>)['prod-db'] ?? {};

  test('with privileges: account, root-equivalent sudo rights are no warning any more', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(
      withConfig(host, (config) => ({
        ...config,
        sessions: { 'prod-db': { ...session(config), privileges: 'account' } },
      })),
    );
    await expectTurned({ 'session-privileges': 'warn' }, /privileges: none/);
    spoilt.use(await sudoersLine(host, `${dba()} ALL=(root) NOPASSWD: /usr/bin/find`));
    await expectTurned({ 'session-sudo': 'fail', 'session-privileges': 'warn' }, /remove the rule/);
  });

  test('two sessions of one account; an account that does not exist', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(
      withConfig(host, (config) => ({
        ...config,
        sessions: { 'prod-db': session(config), other: session(config) },
      })),
    );
    await expectTurned({ 'session-shared': 'warn' }, /of its own/);
    spoilt.use(
      withConfig(host, (config) => ({
        ...config,
        sessions: { 'prod-db': { ...session(config), run_as: 'nobody-here' } },
      })),
    );
    await expectTurned({ 'session-account': 'fail' }, /useradd/);
  });
});

const allUnknown = (family: string, names: readonly string[]): Verdicts =>
  Object.fromEntries(names.map((name) => [`${family}-${name}`, 'unknown']));
const redisDown = allUnknown('redis', [
  'clock',
  'durable',
  'eviction',
  'master',
  'replicas',
  'version',
  'clients',
  'acl',
]);

describe('Redis', () => {
  test.each([
    ['maxmemory-policy', 'allkeys-lru', 'noeviction', { 'redis-eviction': 'fail' }],
    ['appendonly', 'no', 'yes', { 'redis-durable': 'warn' }],
  ])('%s %s', async (setting, value, back, verdicts) => {
    await redis(host.layout, 'config', 'set', setting, value);
    try {
      await expectTurned(verdicts, /redis\.conf/);
    } finally {
      await redis(host.layout, 'config', 'set', setting, back);
    }
  });

  test('one that hangs: every other check is still answered', async () => {
    const pid = Number(readFileSync(`${host.layout.run}/redis.pid`, 'utf8').split(' ')[0]);
    process.kill(pid, 'SIGSTOP');
    try {
      const now = await diagnose(host);
      expect(changed(healthy, now)).toEqual({
        'redis-answers': 'fail',
        'host-keeper': 'warn',
        ...redisDown,
      });
      expect(now.code).toBe(1);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await eventually('the keeper is connected again', async () => (await host.cli(['status'])).code === 0);
  });

  test('one on the network that asks no password, and is a replica', async () => {
    const port = await freePort();
    const words = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      host.root,
    ];
    const server = new Daemon('redis', host.layout.cgroups.sandbox, [
      'redis-server',
      ...words,
      '--logfile',
      '/dev/null',
    ]);
    const cli = async (...more: readonly string[]) => must('redis-cli', ['-p', String(port), ...more]);
    try {
      await eventually('it listens', async () => accepts({ host: '127.0.0.1', port }));
      await using spoilt = new AsyncDisposableStack();
      spoilt.use(withConfig(host, (config) => ({ ...config, redis: `redis://127.0.0.1:${port}` })));
      const open = { 'redis-acl': 'warn', 'redis-durable': 'warn' };
      await expectTurned(open, /password_file/);
      await cli('replicaof', '127.0.0.1', '1');
      await expectTurned({ 'redis-master': 'fail', ...open }, /name the master/);
      await cli('config', 'set', 'requirepass', 'x1');
      const now = await diagnose(host);
      expect(findingOf(now, 'redis-answers')).toMatchObject({
        verdict: 'fail',
        why: expect.stringContaining('NOAUTH'),
      });
    } finally {
      await server.stop();
    }
  });
});

test('the keeper hangs: that is said, and the rest is looked at', async () => {
  host.keeper.kill('SIGSTOP');
  try {
    await expectTurned({ 'host-keeper': 'fail', 'host-witness': 'unknown' }, /journalctl/);
  } finally {
    host.keeper.kill('SIGCONT');
  }
});

test('the keeper is down, and its Redis with it: that is said, and the rest is looked at', async () => {
  await host.keeper.stop();
  const now = await diagnose(host);
  expect(changed(healthy, now)).toEqual({
    'host-keeper': 'fail',
    'host-witness': 'unknown',
    'redis-answers': 'fail',
    ...redisDown,
  });
  expect(findingOf(now, 'host-keeper').remedy).toContain('systemctl status tmux-gate');
  await host.keeper.start();
});

test('nothing is left of it in the accounts', async () => {
  expect(changed(healthy, await diagnose(host))).toEqual({});
  expect((await outcome('getent', ['group', 'disk'])).stdout).not.toContain(host.prefix);
});
