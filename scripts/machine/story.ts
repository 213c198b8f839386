// Plays, on a booted host, the installation and the first approved, recorded attach, as the admin, alice and bob do it. Then tries what
// systemd offers to outlive a window: a restart in the middle of a session, a user's own manager, cron. Exit code 1 at the first failure.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { killCgroup } from '../sandbox/cgroup.ts';
import { completeSignIn } from '../sandbox/browser.ts';
import { outcome, plainEnv, type Outcome } from '../sandbox/exec.ts';
import { makeKey } from '../sandbox/sshd.ts';
import { startProvider } from '../sandbox/provider.ts';
import type { PersonAccount } from '../sandbox/provider-messages.ts';
import { Terminal } from '../sandbox/terminal.ts';

const [, , pid = '', root = ''] = process.argv;
const inside = async (...words: string[]): Promise<Outcome> => outcome('nsenter', ['-t', pid, '-a', '--', ...words]);
const tell = (text: string): void => void process.stdout.write(`${text}\n`);
const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
const keys = mkdtempSync(join(tmpdir(), 'tmux-gate-booted-keys-'));

async function expectDone(words: readonly string[], wanted = /^/): Promise<string> {
  const { code, stdout, stderr } = await inside(...words);
  if (code !== 0 || !wanted.test(stdout)) throw new Error(`${words.join(' ')}: ${String(code)}\n${stdout}${stderr}`);
  return stdout;
}

function personOf(name: string, group: string): PersonAccount {
  const email = `${name}@example.com`;
  return {
    username: name,
    password: `the password of ${name}`,
    sub: `00u-${name}`,
    email,
    fullName: name,
    groups: [group],
  };
}
const alice = personOf('alice', 'engineers');
const bob = personOf('bob', 'oncall');

async function addLogin(name: string): Promise<void> {
  await expectDone(['useradd', '-M', '-G', 'tmux-gate', '-d', '/nonexistent', '-s', '/bin/sh', '-p', '*', name]);
  const key = await makeKey(join(keys, name), name);
  await expectDone(['mkdir', '-p', '/etc/ssh/tmux-gate-keys']);
  writeFileSync(join(root, 'etc/ssh/tmux-gate-keys', name), `${key}\n`, { mode: 0o644 });
}

function writePolicy(issuer: string): void {
  const claims = { login: { claim: 'email', strip_domain: 'example.com' }, groups: 'groups' };
  const session = { run_as: 'dba', who: ['engineers'], approvers: { groups: ['oncall'] }, session_grace: '2s' };
  const sessions = { 'prod-db': { ...session, window: { default: '30m', max: '1h' } } };
  const oidc = { issuer, client_id: 'tmux-gate', insecure_http: true, claims };
  writeFileSync(join(root, 'etc/tmux-gate/config.yaml'), stringify({ host: 'prod-box', oidc, sessions }), {
    mode: 0o600,
  });
}

function ssh(person: PersonAccount, words: readonly string[], tty: boolean): Terminal {
  const options = ['-i', join(keys, person.username), '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR'];
  const known = ['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${join(keys, 'known_hosts')}`];
  return new Terminal('ssh', [...options, ...known, `${person.username}@127.0.0.1`, ...words], { env: plainEnv, tty });
}

async function signIn(terminal: Terminal, person: PersonAccount): Promise<void> {
  const [url] = await terminal.until(link, { timeoutMs: 30_000 });
  await completeSignIn(url, person);
}

async function attach(): Promise<{ terminal: Terminal; request: string }> {
  const terminal = ssh(alice, ['-t', 'prod-db', '--for 5m --reason look'], true);
  await signIn(terminal, alice);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  const approver = ssh(bob, ['approve', request], false);
  await signIn(approver, bob);
  if ((await approver.exit).code !== 0) throw new Error(`not approved:\n${approver.text}`);
  await terminal.until(/dba@\S+\$ /);
  return { terminal, request };
}

/** What somebody in the session starts to outlive the window. Each sleeps for a different time, by which it is recognised. */
const stays = [
  'setsid sleep 4001 &',
  'nohup sleep 4002 >/dev/null 2>&1 &',
  'systemd-run --user --scope sleep 4003 &',
  'XDG_RUNTIME_DIR=/run/user/$(id -u) systemd-run --user sleep 4004',
  'loginctl enable-linger',
];

async function play(issuer: string): Promise<void> {
  const began = performance.now();
  await expectDone(['sh', '-c', 'cd /opt/tmux-gate && ./deploy/install.sh']);
  await expectDone(['useradd', '-m', '-s', '/bin/bash', '-p', '*', 'dba']);
  for (const name of ['alice', 'bob']) await addLogin(name);
  writePolicy(issuer);
  await expectDone(['tmux-gate', 'policy', 'check']);
  await expectDone(['systemctl', 'enable', '--now', 'tmux-gate']);
  await expectDone(['sh', '-c', 'until tmux-gate status >/dev/null 2>&1; do sleep 0.2; done']);
  const { terminal, request } = await attach();
  tell(
    `A stock host, five commands, ${Math.ceil((performance.now() - began) / 1000)} s: alice is attached, approved by bob.`,
  );
  for (const line of stays) terminal.type(`${line}\r`);
  terminal.type('echo "$((6*7))-planted"\r');
  await terminal.until('42-planted', { timeoutMs: 30_000 });
  await expectDone(['systemctl', 'restart', 'tmux-gate']);
  terminal.type('echo "$((6*7))-goes-on"\r');
  await terminal.until('42-goes-on');
  await expectDone(['sh', '-c', 'until tmux-gate status >/dev/null 2>&1; do sleep 0.2; done']);
  await expectDone(['tmux-gate', 'connections', '--json'], /"login":"alice"/);
  tell('The keeper was restarted by systemd: the session went on, and the new keeper knows of it.');
  await expectDone(['tmux-gate', 'revoke', request], /confirmed/);
  await terminal.exit;
  await expectDone(['sh', '-c', 'for i in $(seq 100); do pgrep -u dba >/dev/null || exit 0; sleep 0.2; done; exit 1']);
  tell('Revoked: her line is cut and no process of the session account is left, asked for through systemd or not.');
  await expectDone(['tmux-gate', 'audit', 'verify'], /whole/);
  await expectDone(['sh', '-c', 'until ls /var/lib/tmux-gate/recordings/*/*.cast.zst; do sleep 0.2; done']);
  tell('The journal verifies and the recording is there.');
}

const providersCgroup = 'tmux-gate-booted-provider';

async function main(): Promise<number> {
  await using ended = new AsyncDisposableStack();
  ended.defer(async () => killCgroup(providersCgroup));
  ended.defer(() => rmSync(keys, { recursive: true, force: true }));
  const provider = ended.use(await startProvider([alice, bob], providersCgroup));
  try {
    await play(provider.issuer);
    return 0;
  } catch (error) {
    tell(`NOT SO: ${error instanceof Error ? error.message : String(error)}`);
    tell((await inside('journalctl', '--no-pager', '-u', 'tmux-gate', '-n', '30')).stdout);
    return 1;
  }
}

process.exit(await main());
