// The doctor at the door: a host whose sshd, sudo rule or logins leave a way around the gate, one thing wrong at a time. Exactly the
// check of that thing turns, and says what to do.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import {
  changed,
  diagnose,
  dropInOf,
  edited,
  expectOnly,
  findingOf,
  inGroup,
  ownedBy,
  sshdConfigOf,
  sudoersLine,
  usermod,
  withConfig,
  withMode,
  written,
  type Diagnosis,
  type Sabotage,
  type Verdicts,
} from '../harness/doctor.ts';
import { testHost } from '../harness/inside.ts';

let host: Host;
let healthy: Diagnosis;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgdoor', keeper: false });
  healthy = await diagnose(host);
});
afterAll(async () => host[Symbol.asyncDispose]());

const expectTurned = async (verdicts: Verdicts, remedy: RegExp): Promise<Diagnosis> =>
  expectOnly(host, healthy, verdicts, remedy);

describe("sshd's configuration", () => {
  test.each<readonly [line: string, becomes: string, id: string, verdict: string]>([
    ['DisableForwarding yes', '', 'sshd-forwarding', 'fail'],
    ['PermitTunnel no', 'PermitTunnel yes', 'sshd-tunnel', 'fail'],
    ['PermitUserRC no', '', 'sshd-rc', 'fail'],
    ['PermitTTY yes', 'PermitTTY no', 'sshd-tty', 'fail'],
    ['PermitUserEnvironment no', 'PermitUserEnvironment yes', 'sshd-environment', 'fail'],
    ['AcceptEnv LANG', 'AcceptEnv LD_* LANG', 'sshd-accept-env', 'fail'],
    ['  SetEnv LD_PRELOAD= LD_AUDIT=', '  SetEnv LD_AUDIT=', 'sshd-set-env', 'warn'],
    ['ExposeAuthInfo yes', '', 'sshd-auth-info', 'fail'],
    ['AuthenticationMethods publickey', '', 'sshd-authentication', 'fail'],
    ['AuthenticationMethods publickey', 'AuthenticationMethods publickey password', 'sshd-authentication', 'fail'],
    ['MaxSessions 1', '', 'sshd-max-sessions', 'fail'],
    ['ClientAliveInterval 15', '', 'sshd-alive', 'fail'],
    ['UnusedConnectionTimeout 30', '', 'sshd-unused', 'warn'],
    ['LogLevel VERBOSE', '', 'sshd-log', 'warn'],
    ['DenyUsers ', 'DenyUsers nobody-', 'sshd-session-accounts', 'fail'],
    [
      'LogLevel VERBOSE',
      'LogLevel VERBOSE\n  AuthorizedKeysCommand /bin/true\n  AuthorizedKeysCommandUser nobody',
      'sshd-key-sources',
      'warn',
    ],
    ['/gate\n', '/gate --debug\n', 'sshd-forced-command', 'fail'],
  ])('without %j, but %j: %s', async (line, becomes, id, verdict) => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(edited(dropInOf(host), line, becomes));
    await expectTurned({ [id]: verdict }, /Match block|DenyUsers/);
  });

  test('threats M1: an earlier Match block wins for one login, which is named', async () => {
    const { login } = host.people.alice;
    const first = `${host.root}/etc/ssh/sshd_config.d/00-first.conf`;
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(written(first, `Match User ${login}\n  ForceCommand none\n`));
    await expectTurned({ 'sshd-forced-command': 'fail' }, /ForceCommand exec \/usr\/bin\/sudo -n/);
    expect(findingOf(await diagnose(host), 'sshd-forced-command').why).toContain(
      `${login}: sshd says "forcecommand none"`,
    );
    const bob = ['--login', host.people.bob.login];
    expect(findingOf(await diagnose(host, bob), 'sshd-forced-command').verdict).toBe('ok');
  });

  test('a Match block for some addresses could say otherwise for a connection that is not looked at', async () => {
    const first = `${host.root}/etc/ssh/sshd_config.d/00-first.conf`;
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(written(first, 'Match Address 10.9.9.0/24\n  MaxSessions 10\n'));
    await expectTurned({ 'sshd-match': 'warn' }, /before it/);
  });

  test('UsePAM no: nobody writes down who logged in', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(edited(sshdConfigOf(host), 'UsePAM yes', 'UsePAM no'));
    await expectTurned({ 'sshd-pam': 'fail' }, /UsePAM yes/);
  });

  test('a configuration that others can write; one that is not there', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(withMode(dropInOf(host), 0o666));
    await expectTurned({ 'sshd-files': 'fail' }, /chmod go-w/);
    const { checks } = await diagnose(host, ['--sshd-config', '/nonexistent']);
    expect(checks.filter(({ id }) => id.startsWith('sshd-')).every(({ verdict }) => verdict !== 'fail')).toBe(true);
    expect(checks.find(({ id }) => id === 'sshd-files')).toMatchObject({ verdict: 'unknown' });
  });

  test('keys that the login can change', async () => {
    const { login } = host.people.alice;
    const { uid, gid } = account(login);
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(ownedBy(`${host.layout.keys}/${login}`, uid, gid));
    await expectTurned({ 'sshd-keys': 'fail' }, new RegExp(`chown root:root ${host.layout.keys}/${login}`));
  });

  test('keys that everybody can write: the mode is what is to be mended', async () => {
    const path = `${host.layout.keys}/${host.people.alice.login}`;
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(withMode(path, 0o666));
    await expectTurned({ 'sshd-keys': 'fail' }, new RegExp(`chmod go-w ${path}$`));
  });

  test('a host key that everybody can read: sshd takes none, and the mode is what is to be mended', async () => {
    const [, path = ''] = /^HostKey\s+(\S+)/m.exec(readFileSync(sshdConfigOf(host), 'utf8')) ?? [];
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(withMode(path, 0o666));
    const now = await diagnose(host);
    expect(findingOf(now, 'sshd-tty')).toMatchObject({
      verdict: 'unknown',
      why: `sshd takes no host key: ${path} has mode 0666`,
      remedy: `chmod 0600 ${path}`,
    });
  });
});

describe('the sudo rule', () => {
  const rule = (): string => host.layout.sudoRule;
  test.each<readonly [piece: string, becomes: string, id: string]>([
    ['/gate ""', '/gate', 'sudo-rule'],
    ['(root) NOPASSWD', '(ALL) NOPASSWD', 'sudo-rule'],
    ['NOPASSWD: ', '', 'sudo-rule'],
    ['!use_pty, ', '', 'sudo-defaults'],
    ['env_reset', '!env_reset', 'sudo-defaults'],
    ['!setenv', 'setenv', 'sudo-defaults'],
    ['keep = "LANG ', 'keep = "LANG LD_PRELOAD ', 'sudo-environment'],
    ['check = "LANG ', 'check = "LANG TZ ', 'sudo-environment'],
    [' SSH_USER_AUTH', '', 'sudo-environment'],
  ])('%j becomes %j: %s', async (piece, becomes, id) => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(edited(rule(), piece, becomes));
    await expectTurned({ [id]: 'fail' }, /deploy\/sudoers/);
  });

  test.each<readonly [line: (login: string, gate: string) => string, verdicts: Verdicts, remedy: RegExp]>([
    [(login) => `${login} ALL=(root) NOPASSWD: /usr/bin/id`, { 'sudo-only-rule': 'fail' }, /second account/],
    [(_, gate) => `Defaults!${gate} env_keep += "LD_PRELOAD"`, { 'sudo-environment': 'fail' }, /deploy\/sudoers/],
    [(_, gate) => `Defaults!${gate} use_pty`, { 'sudo-defaults': 'fail' }, /deploy\/sudoers/],
    [(_, gate) => `Defaults!${gate} log_output`, { 'sudo-extras': 'warn' }, /!log_output/],
  ])('another file of sudoers says more (%#)', async (line, verdicts, remedy) => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(await sudoersLine(host, line(host.people.alice.login, `${host.layout.lib}/gate`)));
    await expectTurned(verdicts, remedy);
  });

  test('no rule at all: there are no gated logins to look at, unless somebody names the group', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(edited(host.layout.sudoRule, `%${host.layout.gatedGroup} ALL`, `# %${host.layout.gatedGroup} ALL`));
    const now = await diagnose(host);
    expect(findingOf(now, 'login-found')).toMatchObject({
      verdict: 'fail',
      remedy: expect.stringContaining('--group'),
    });
    expect(findingOf(now, 'sshd-forwarding').verdict).toBe('unknown');
    const named = await diagnose(host, ['--group', host.layout.gatedGroup]);
    expect(changed(healthy, named)).toEqual({
      ...{ 'sudo-rule': 'fail' },
      ...{ 'sudo-defaults': findingOf(named, 'sudo-defaults').verdict },
      ...{ 'sudo-environment': findingOf(named, 'sudo-environment').verdict },
    });
  });
});

describe('the logins', () => {
  test.each<
    readonly [what: string, spoil: (login: string) => Sabotage | Promise<Sabotage>, verdicts: Verdicts, remedy: RegExp]
  >([
    [
      'a home of its own',
      (login) => ownedBy(`${host.layout.home}/${login}`, account(login).uid, account(login).gid),
      { 'login-home': 'fail', 'login-pam-environment': 'warn' },
      /chown root:root/,
    ],
    [
      'bash',
      (login) => usermod(login, '-s', '/bin/bash', '/bin/sh'),
      { 'login-shell': 'fail' },
      /usermod -s \/bin\/dash/,
    ],
    ['the group disk', (login) => inGroup(login, 'disk'), { 'login-groups': 'fail' }, /gpasswd -d/],
    [
      "the session account's group",
      (login) => inGroup(login, host.layout.sessionAccount),
      { 'login-groups': 'fail' },
      /gpasswd -d/,
    ],
  ])('a login with %s', async (_what, spoil, verdicts, remedy) => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(await spoil(host.people.alice.login));
    await expectTurned(verdicts, remedy);
    expect(findingOf(await diagnose(host), Object.keys(verdicts)[0] ?? '').why).toContain(
      `${host.people.alice.login}:`,
    );
  });

  test('insecure_login_homes makes a warning of it', async () => {
    await using spoilt = new AsyncDisposableStack();
    spoilt.use(await usermod(host.people.alice.login, '-s', '/bin/bash', '/bin/sh'));
    spoilt.use(withConfig(host, (config) => ({ ...config, insecure_login_homes: true })));
    expect(changed(healthy, await diagnose(host))).toMatchObject({ 'login-shell': 'warn' });
  });
});
