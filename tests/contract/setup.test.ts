// A change of the host is made as a whole and confirmed, or undone to the last byte: also when the program that makes it is killed before
// any of its steps. Real useradd, visudo and sshd, in roots of their own.
import { afterAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { repo } from '../../scripts/sandbox/layout.ts';
import { ownRoot, type OwnRoot } from '../harness/own-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-setup-'));
const program = join(folder, 'child.mjs');
const node = join(repo, 'node_modules/node/bin/node');
const pending = 'var/lib/tmux-gate/setup/pending.json';
/** Every step of the change, in its order: each is a place to be killed at. */
const steps = [
  ...['journal', 'guard', 'boot-guard', 'folder /etc/tmux-gate', 'folder /etc/ssh/tmux-gate-keys', 'account setup-dba'],
  ...['folder /home/setup-alice', 'account setup-alice', 'lines /etc/ssh/tmux-gate-keys/setup-alice'],
  ...['file /etc/tmux-gate/oidc.secret', 'file /etc/tmux-gate/config.yaml', 'file /etc/sudoers.d/tmux-gate'],
  ...['file /etc/tmux-gate/tmux.conf', 'file /etc/ssh/sshd_config.d/tmux-gate.conf', 'file /etc/ssh/sshd_config'],
  ...['check', 'sshd', 'waiting', 'made'],
];

const banner = { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);` };
const shared = { bundle: true, platform: 'node', format: 'esm', banner, logLevel: 'error' } as const;
// Before anything else: tests that run at once do not wait for beforeAll.
await build({ ...shared, entryPoints: [join(repo, 'tests/contract/setup-child.ts')], outfile: program });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stock host whose sshd_config includes nothing, with the group of the package. */
async function stockHost(): Promise<OwnRoot> {
  const host = await ownRoot();
  await host.must(
    'sh',
    '-c',
    'rm -f /etc/ssh/sshd_config.d/tmux-gate.conf /etc/sudoers.d/tmux-gate; sed -i /^Include/d /etc/ssh/sshd_config',
  );
  await host.must(
    'sh',
    '-c',
    'rm -rf /etc/tmux-gate /etc/ssh/tmux-gate-keys; getent group tmux-gate || groupadd --system tmux-gate',
  );
  return host;
}

const child = async (host: OwnRoot, ...words: readonly string[]) => host.run(node, program, repo, ...words);

async function untilSettled(host: OwnRoot): Promise<void> {
  while (existsSync(join(host.root, pending))) await delay(50);
}

/** Makes the time for the confirmation be over now. */
function letTimePass(host: OwnRoot): void {
  const file = join(host.root, pending);
  const journal = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...journal, deadlineMs: 0 }));
}

describe('killed (-9) before a step, everything is undone by itself', () => {
  test.concurrent.each(steps)('%s', async (step) => {
    await using host = await stockHost();
    const before = await host.state();
    const { signal, code } = await child(host, 'kill', step);
    expect([signal, code].includes('SIGKILL') || code === 137).toBe(true);
    if (step === 'made') letTimePass(host);
    // Before the guard runs nothing is changed; the next command finds the journal.
    if (step === 'guard') expect(await child(host, 'again')).toMatchObject({ code: 0 });
    await untilSettled(host);
    expect(await host.state()).toBe(before);
  });
});

test('the steps are all that there are', async () => {
  await using host = await stockHost();
  const [file, ...args] = host.command(node, program, repo, 'steps');
  const running = spawn(file, args);
  let said = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes('made\n') && running.exitCode === null) await delay(50);
  letTimePass(host);
  await new Promise((resolve) => running.once('close', resolve));
  expect(said.split('\n').filter((line) => line !== '')).toEqual([
    ...steps,
    'rolled-back: nobody confirmed it in time',
  ]);
});

test('--undo names the login that was gated before and removed since; one that setup made is just gone', async () => {
  await using host = await stockHost();
  const keys = '/etc/ssh/tmux-gate-keys';
  await host.must('sh', '-c', `useradd -M setup-old; gpasswd -a setup-old tmux-gate; mkdir -p ${keys}`);
  await host.must('sh', '-c', `printf 'ssh-ed25519 AAAA old\\nssh-ed25519 BBBB old\\n' >${keys}/setup-old`);
  expect(await child(host, 'keep')).toMatchObject({ code: 0 });
  for (const login of ['setup-old', 'setup-alice'])
    expect(await child(host, 'remove', login)).toMatchObject({ code: 0 });
  const { code, stdout } = await child(host, 'undo');
  expect(code).toBe(0);
  expect(stdout.split('\n').filter((line) => line.includes('login'))).toEqual([
    'the login setup-old was gated before, and login remove took its 2 keys and its group away: that does not come back',
  ]);
  expect(existsSync(join(host.root, 'var/lib/tmux-gate/setup/removed.json'))).toBe(false);
  expect(await host.must('id', '-un', 'setup-old')).toBe('setup-old\n');
});

test('what sshd does not accept is undone before anybody is asked', async () => {
  await using host = await stockHost();
  await host.must('sh', '-c', 'echo "Port none" >>/etc/ssh/sshd_config');
  const before = await host.state();
  const { code, stderr } = await child(host, 'wait');
  expect(code).toBe(1);
  expect(stderr).toContain('SSHD_REFUSES');
  expect(existsSync(join(host.root, pending))).toBe(false);
  expect(await host.state()).toBe(before);
});
