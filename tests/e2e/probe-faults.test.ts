// `tmux-gate probe` where nothing can be tried, and the ways to prove who tries it: each fault has a code, a sentence, a hint and
// an exit code, and the key of the host is never believed unseen.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { must, outcome, plainEnv, type Outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { testHost } from '../harness/inside.ts';

let host: Host;
let scratch = '';
/** The host's public key, as a file; and where it is, as arguments. */
let hostKey = '';
let there: readonly string[] = [];

beforeAll(async () => {
  host = await testHost({ prefix: 'tgp' });
  scratch = `${host.root}/scratch`;
  mkdirSync(scratch);
  hostKey = `${host.root}/etc/ssh/host_ed25519.pub`;
  there = ['127.0.0.1', '--port', String(host.sshd.port), '--login', host.people.alice.login, '--only', 'exec'];
});
afterAll(async () => host[Symbol.asyncDispose]());

const alice = (): readonly string[] => ['--key', host.people.alice.keyFile];
const probe = async (...words: readonly string[]): Promise<Outcome> => host.cli(['probe', ...words]);
const isRefused = expect.stringMatching(/^refused +exec /m);

async function knownHosts(name: string, hashed: boolean): Promise<string> {
  const path = `${scratch}/known_hosts-${name.replace(/\W/g, '')}-${String(hashed)}`;
  writeFileSync(path, `# hosts\n${name} ${host.sshd.hostKey}\n`);
  if (hashed) await must('ssh-keygen', ['-q', '-H', '-f', path]);
  return path;
}

describe('the key of the host', () => {
  test.each([false, true])('is found in known_hosts by name and port (hashed: %s)', async (hashed) => {
    const file = await knownHosts(`[127.0.0.1]:${String(host.sshd.port)}`, hashed);
    const found = await probe(...there, ...alice(), '--host-key', file);
    expect(found).toMatchObject({ code: 0, stdout: isRefused });
  });

  test('may be told by its fingerprint', async () => {
    const [, print = ''] = (await must('ssh-keygen', ['-lf', hostKey])).split(' ');
    expect(await probe(...there, ...alice(), '--host-key', print)).toMatchObject({ code: 0, stdout: isRefused });
  });

  test('of another host, another port or another key is refused before anything is proved to it', async () => {
    await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${scratch}/other`]);
    const [, other = ''] = (await must('ssh-keygen', ['-lf', `${scratch}/other.pub`])).split(' ');
    const wrong = [
      `${scratch}/other.pub`,
      other,
      await knownHosts('127.0.0.1', false),
      await knownHosts('elsewhere', true),
    ];
    const before = host.sshd.daemon.lines.length;
    for (const told of wrong) {
      const { code, stderr, stdout } = await probe(...there, ...alice(), '--host-key', told);
      expect({ told, code, stdout }).toEqual({ told, code: 76, stdout: '' });
      expect(stderr).toMatch(/has a host key that is not known here: SHA256:.* \[HOST_KEY\]\nhint: /);
    }
    const heard = host.sshd.daemon.lines.slice(before).join('\n');
    expect(heard).toMatch(/[Dd]isconnect/);
    expect(heard).not.toMatch(/Accepted|Failed|Postponed/);
  });

  test('is not checked where somebody says so, and it is said back', async () => {
    const { code, stdout, stderr } = await probe(...there, ...alice(), '--insecure-host-key');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: isRefused });
    expect(stderr).toMatch(/^warning: the key of the host is not checked/);
  });

  test('that stands nowhere is not learned', async () => {
    const env = { HOME: scratch };
    const words = ['probe', ...there, ...alice()];
    expect(await host.cli(words, { env })).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('[NO_KNOWN_HOSTS]'),
    });
    mkdirSync(`${scratch}/.ssh`);
    writeFileSync(`${scratch}/.ssh/known_hosts`, '');
    expect(await host.cli(words, { env })).toMatchObject({ code: 76, stderr: expect.stringContaining('[HOST_KEY]') });
    const without = { ...env, PATH: scratch };
    expect(await host.cli(words, { env: without })).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('[NO_SSH_KEYGEN]'),
    });
  });
});

describe('nothing can be tried where', () => {
  test('nobody listens', async () => {
    const port = String(await freePort());
    const nowhere = await probe('127.0.0.1', '--port', port, ...alice(), '--host-key', hostKey);
    expect(nowhere).toMatchObject({ code: 69, stdout: '', stderr: expect.stringMatching(/\[UNREACHABLE\]\nhint: /) });
  });

  test('the key is somebody else’s, or none', async () => {
    const { mallory } = host.people;
    const told = ['--host-key', hostKey];
    const strange = await probe(...there, '--key', mallory.keyFile, ...told);
    expect(strange).toMatchObject({ code: 77, stdout: '', stderr: expect.stringMatching(/\[AUTH_FAILED\]\nhint: /) });
    for (const path of [`${scratch}/nothing`, hostKey, '/dev/null'])
      expect(await probe(...there, '--key', path, ...told)).toMatchObject({
        code: 66,
        stderr: expect.stringContaining('[NO_KEY]'),
      });
  });

  test('the words make no sense', async () => {
    for (const [words, code] of [
      [['-oProxyCommand=x'], 64],
      [['a b'], 64],
      [[...there, '--timeout', 'soon'], 64],
      [['127.0.0.1', '--only', 'everything'], 64],
    ] as const)
      expect({ words, ...(await probe(...words, ...alice())) }).toMatchObject({ words, code, stdout: '' });
  });

  test('--json says why as well', async () => {
    const { code, stdout } = await probe(...there, ...alice(), '--host-key', 'SHA256:no', '--json');
    expect({ code, said: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 76,
      said: { ok: false, error: { code: 'HOST_KEY' } },
    });
  });
});

describe('a key with a passphrase', () => {
  let locked = '';
  beforeAll(async () => {
    locked = `${scratch}/locked`;
    copyFileSync(host.people.alice.keyFile, locked);
    copyFileSync(`${host.people.alice.keyFile}.pub`, `${locked}.pub`);
    await must('ssh-keygen', ['-q', '-p', '-f', locked, '-P', '', '-N', 'open sesame']);
  });

  test('is not guessed at without a terminal', async () => {
    const { code, stderr } = await probe(...there, '--key', locked, '--host-key', hostKey);
    expect({ code, stderr }).toMatchObject({ code: 66, stderr: expect.stringContaining('[KEY_LOCKED]') });
  });

  test('is unlocked on one: the passphrase is asked for again when it is wrong, and never shown', async () => {
    const words = ['probe', ...there, '--key', locked, '--host-key', hostKey];
    await using terminal = new Terminal(`${host.layout.lib}/tmux-gate`, words, { env: plainEnv, cols: 80 });
    await terminal.until('Passphrase of');
    terminal.type('open nothing\r');
    await terminal.until('Passphrase of');
    terminal.type('open sesamex\u007f\r');
    await terminal.until('The gate is the only way in.');
    expect(await terminal.exit).toMatchObject({ code: 0 });
    expect(terminal.text).not.toMatch(/sesame|nothing/);
  });

  test('is used through an agent that holds it, and no other of the agent’s keys is offered', async () => {
    const socket = `${scratch}/agent`;
    const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const env = { SSH_AUTH_SOCK: socket };
    await eventually('the agent answers', async () => (await outcome('ssh-add', ['-l'], { env })).code === 1);
    for (const person of Object.values(host.people)) await must('ssh-add', ['-q', person.keyFile], { env });
    const before = host.sshd.daemon.lines.length;
    const words = ['probe', ...there, '--host-key', hostKey];
    const one = await host.cli([...words, '--key', locked], { env });
    const any = await host.cli(words, { env });
    agent.kill();
    expect(one).toMatchObject({ code: 0, stdout: isRefused });
    expect(any).toMatchObject({ code: 0, stdout: isRefused });
    expect(host.sshd.daemon.lines.slice(before).join('\n')).toContain('Accepted publickey');
  });
});

test('no root is needed', async () => {
  const key = `${scratch}/key-of-mallory`;
  copyFileSync(host.people.alice.keyFile, key);
  await must('chown', [host.people.mallory.login, key]);
  const words = [`${host.layout.lib}/tmux-gate`, 'probe', ...there, '--key', key, '--host-key', hostKey];
  const as = ['--reuid', host.people.mallory.login, '--regid', host.people.mallory.login, '--init-groups'];
  expect(await outcome('setpriv', [...as, ...words])).toMatchObject({ code: 0, stdout: isRefused });
});
