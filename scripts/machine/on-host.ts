// What admin, alice and bob do on a booted host. The programs that import it are started in the network of that host, with the pid of its
// first process and its root file system as their words.
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
export const tell = (text: string): void => void process.stdout.write(`${text}\n`);
const link = /http:\/\/127\.0\.0\.1:\d+\/device\?user_code=[A-Z]{4}-[A-Z]{4}/;
const keys = mkdtempSync(join(tmpdir(), 'tmux-gate-booted-keys-'));

/** @returns what it printed. @throws Error when it fails, or prints something else */
export async function expectDone(words: readonly string[], wanted = /^/): Promise<string> {
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

/** A gated login. */
export async function addLogin(name: string): Promise<void> {
  await expectDone(['useradd', '-M', '-G', 'tmux-gate', '-d', '/nonexistent', '-s', '/bin/sh', '-p', '*', name]);
  await newKey(name);
}

/** Replaces the key of a login by one that this program has. */
export async function newKey(name: string): Promise<void> {
  const key = await makeKey(join(keys, name), name);
  await expectDone(['mkdir', '-p', '/etc/ssh/tmux-gate-keys']);
  writeFileSync(join(root, 'etc/ssh/tmux-gate-keys', name), `${key}\n`, { mode: 0o644 });
}

/** Writes the policy of the host for this provider. */
export function writePolicy(issuer: string): void {
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

/** Alice asks, bob approves, and she is at her prompt. */
export async function attach(): Promise<{ readonly terminal: Terminal; readonly request: string }> {
  const terminal = ssh(alice, ['-t', 'prod-db', '--for 5m --reason look'], true);
  await signIn(terminal, alice);
  const [, request = ''] = await terminal.until(/Request ([0-9A-Z]{6})/);
  const approver = ssh(bob, ['approve', request], false);
  await signIn(approver, bob);
  if ((await approver.exit).code !== 0) throw new Error(`not approved:\n${approver.text}`);
  await terminal.until(/dba@\S+\$ /);
  return { terminal, request };
}

const providersCgroup = 'tmux-gate-booted-provider';

/** Plays something with a provider of alice and bob. @returns the exit code; what failed is printed */
export async function play(what: (issuer: string) => Promise<void>): Promise<number> {
  await using ended = new AsyncDisposableStack();
  ended.defer(async () => killCgroup(providersCgroup));
  ended.defer(() => rmSync(keys, { recursive: true, force: true }));
  const provider = ended.use(await startProvider([alice, bob], providersCgroup));
  try {
    await what(provider.issuer);
    return 0;
  } catch (error) {
    tell(`NOT SO: ${error instanceof Error ? error.message : String(error)}`);
    tell((await inside('journalctl', '--no-pager', '-u', 'tmux-gate', '-n', '30')).stdout);
    return 1;
  }
}
