// The drill: a backup of a host that is in use, the loss of all of its state, the restore, and what the admin does then.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { expectCode, expectInOrder } from '../harness/faults.ts';
import { enter, testHost, type Inside } from '../harness/inside.ts';
import { seenOn } from '../harness/refused.ts';
import { signInWhenAsked } from '../harness/visits.ts';

let host: Host;
let folder: string;
let file: string;
let state: string;
/** An access of before the backup. */
let earlier: Inside;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgbak' });
  folder = mkdtempSync('/opt/tmux-gate-kept-');
  [file, state] = [`${folder}/backup.tar.zst`, `${host.root}/var/lib/tmux-gate`];
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await host[Symbol.asyncDispose]();
});

const names = async (): Promise<readonly string[]> =>
  (await outcome('sh', ['-c', `zstd -dc ${file} | tar -t`])).stdout.trimEnd().split('\n');

test('a backup while somebody is attached: root’s alone, and without what must not come back', async () => {
  expect((await host.cli(['break-glass', 'issue', '2'])).code).toBe(0);
  mkdirSync(`${state}/setup/kept`, { recursive: true, mode: 0o700 });
  writeFileSync(`${state}/setup/kept/1.json`, '{}');
  earlier = await enter(host, host.people.alice);
  earlier.terminal.type('echo "$((6*7))-kept"\r');
  await earlier.terminal.until('42-kept');
  await host.cli(['revoke', earlier.grant]);
  await earlier.terminal.exit;
  const sealed = `${state}/recordings/*/${earlier.id}.cast.zst`;
  await eventually('it is sealed', () => globSync(sealed).length === 1);
  expect(await host.cli(['lock', host.people.mallory.login, '--reason', 'left'])).toMatchObject({ code: 0 });
  const inside = await enter(host, host.people.alice);
  expect(await host.cli(['backup', '-o', file])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Wrote .*backup\.tar\.zst \(\d+ [KM]iB\): policy, keys, journal/),
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const packed = await names();
  const last = packed.filter((name) => !name.endsWith('/')).at(-1);
  expect(last).toBe('var/lib/tmux-gate/journal/journal.jsonl');
  for (const name of ['etc/tmux-gate/config.yaml', 'var/lib/tmux-gate/keys/host.jwk', 'var/lib/tmux-gate/pins.json'])
    expect(packed).toContain(name);
  const never = /journal-anchor|journal-accepted|break-glass|refresh\.json|tmux-gate\/(?:redis|setup)|journal\/lock/;
  expect(packed.filter((name) => never.test(name))).toEqual([]);
  expect(await host.cli(['backup', '-o', file])).toMatchObject({ code: 73 });
  await host.cli(['revoke', inside.grant]);
  await inside.terminal.exit;
});

test('it is not restored over a journal, nor while the keeper runs; what is no backup is said', async () => {
  expect(await host.cli(['restore', file])).toMatchObject({
    code: 75,
    stderr: expect.stringContaining('systemctl stop'),
  });
  await host.keeper.stop();
  expect(await host.cli(['restore', file])).toMatchObject({
    ...{ code: 73, stderr: expect.stringContaining('keep it as evidence: mv ') },
  });
  renameSync(state, `${folder}/lost`);
  writeFileSync(`${folder}/rubbish`, 'no backup\n');
  expect(await host.cli(['restore', `${folder}/rubbish`])).toMatchObject({ code: 65 });
  expect(existsSync(`${state}/journal/journal.jsonl`)).toBe(false);
});

test('law 1: a restored host lets nobody in until root accepts that records are missing; then the journal says so', async () => {
  rmSync(`${host.root}/etc/tmux-gate`, { recursive: true });
  expect(await host.cli(['restore', file])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('tmux-gate audit accept --reason'),
  });
  await host.keeper.start();
  const terminal = host.people.alice.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
  await signInWhenAsked(terminal, host.people.alice); // only where the store was lost with the host
  expectCode(await seenOn(terminal), 'JOURNAL_CHANGED', 69);
  expect((await host.cli(['status'])).stdout).toMatch(/^journal +DOWN {2}JOURNAL_CHANGED/);
  await host.keeper.stop();
  const reason = 'restored from the backup of 02:00';
  expect(await host.cli(['audit', 'accept', '--reason', reason])).toMatchObject({ code: 0 });
  await host.keeper.start();
  expect(await host.cli(['audit', 'verify'])).toMatchObject({
    ...{ code: 0, stdout: expect.stringContaining(`accepted by root: ${reason}`) },
  });
  expect((await host.cli(['break-glass', 'list', '--json'])).stdout).not.toMatch(/"id":/);
  await expectInOrder(host);
});

test('what was proved before the loss is proved after the restore, and who was locked is', async () => {
  const { request, id: connection } = earlier;
  expect((await host.cli(['replay', connection, '--text'])).stdout).toContain('42-kept');
  const made = await host.cli(['evidence', request, '-o', `${folder}/earlier.tar`]);
  expect(made).toMatchObject({ code: 0 });
  const [key = ''] = /tmux-gate\/\S+\+[0-9a-f]{8}\+\S+/.exec(made.stdout) ?? [];
  const script = `${host.root}/usr/lib/tmux-gate/evidence/verify.sh`;
  const verified = await outcome('sh', [script, '--key', key, `${folder}/earlier.tar`], { timeoutMs: 60_000 });
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('\nVERIFIED') });
  const locks = JSON.parse((await host.cli(['locks', '--json'])).stdout) as readonly { readonly target: string }[];
  expect(locks).toMatchObject([{ target: host.people.mallory.login, locked: true }]);
});
