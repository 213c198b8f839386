// The journal's proof (law 7, docs/design.md, "Journal and recordings"): `audit verify` finds every way to change what was written.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import { testHost, place, withoutProgress } from '../harness/inside.ts';
import { noWitnessAtAll } from '../../src/core/messages/witness.ts';
import { letIn } from '../harness/visits.ts';

const tga = place('tga');

let host: Host;
let path: string;
let whole: string;

/** Stopped, so that nothing writes while it is looked at. */
beforeAll(async () => {
  host = await testHost({ prefix: 'tga', people: { carol: ['engineers'] } });
  path = `${host.root}/var/lib/tmux-gate/journal/journal.jsonl`;
  for (const command of ['frobnicate', 'approve ZZZZZZ', 'deny ZZZZZZ --reason no', 'git-upload-pack x'])
    await host.people.alice.run([command]);
  await host.keeper.stop();
  whole = readFileSync(path, 'utf8');
});
afterAll(async () => host[Symbol.asyncDispose]());

const lines = (): string[] => whole.trimEnd().split('\n');
const verify = async () => host.cli(['audit', 'verify', '--json']);

async function expectFound(changed: readonly string[] | string): Promise<void> {
  writeFileSync(path, typeof changed === 'string' ? changed : `${changed.join('\n')}\n`);
  try {
    const { code, stdout } = await verify();
    expect(code).toBe(65);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
    expect((await host.cli(['audit', 'verify'])).stdout).toMatch(/^The journal was CHANGED/);
  } finally {
    writeFileSync(path, whole);
  }
}

test('as it was written it is whole, and belongs to root alone', async () => {
  const { code, stdout } = await verify();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ ok: true, records: lines().length, cosigned: { records: 0, witnesses: [] } },
  });
  expect((await host.cli(['audit', 'verify'])).stdout.split('\n')).toContain(noWitnessAtAll);
  expect(statSync(path)).toMatchObject({ uid: 0, gid: 0 });
  expect(statSync(path).mode & 0o077).toBe(0);
});

test.each([
  ['a word changed', () => whole.replace('frobnicate', 'frobnicata')],
  ['a login changed', () => whole.replace(`${tga}-alice`, `${tga}-bobby`)],
  ['a record left out', () => lines().filter((_, i) => i !== 3)],
  ['the last records cut off', () => lines().slice(0, -2)],
  ['the first record cut off', () => lines().slice(1)],
  [
    'two records swapped',
    () => lines().map((line, i, all) => (i === 2 ? (all[3] ?? line) : i === 3 ? (all[2] ?? line) : line)),
  ],
  ['a record twice', () => lines().flatMap((line, i) => (i === 2 ? [line, line] : [line]))],
  [
    'a record put in',
    () => lines().flatMap((line, i) => (i === 2 ? [line, line.replace(/"n":\d+/, '"n":4')] : [line])),
  ],
  ['blanks put in', () => whole.replace(',"', ', "')],
  ['the last line half', () => whole.slice(0, -10)],
  ['nothing left', () => ''],
])('%s is found', async (_, change) => expectFound(change()));

test('audit show goes on past what is no record, and names it', async () => {
  writeFileSync(path, lines().toSpliced(2, 1, 'garbage\u001b[2J').join('\n'));
  for (const flags of [[], ['--json']]) {
    const { code, stdout, stderr } = await host.cli(['audit', 'show', ...flags]);
    expect({ code, stderr }).toEqual({
      code: 65,
      stderr: 'tmux-gate: line 3 is not a journal record\nhint: tmux-gate audit verify\n',
    });
    expect(stdout.trimEnd().split('\n')).toHaveLength(lines().length - 1);
  }
  // Nobody knows whose it was, or when.
  const { code, stdout, stderr } = await host.cli(['audit', 'show', '--login', 'nobody', '--since', '1s']);
  expect({ code, stdout }).toEqual({ code: 65, stdout: 'The journal has no such record.\n' });
  expect(stderr).toContain('line 3 is not a journal record\n');
  writeFileSync(path, whole);
});

test('a head that does not fit is told in words', async () => {
  writeFileSync(path, `${lines().slice(0, -2).join('\n')}\n`);
  const { stdout } = await host.cli(['audit', 'verify']);
  writeFileSync(path, whole);
  expect(stdout).toContain('\n  the checkpoint counts more records: records at the end are missing\n');
});

test('a part of a line at the end counts for nothing, and is told', async () => {
  writeFileSync(path, `${whole}{"n":99`);
  const { code, stdout } = await host.cli(['audit', 'verify']);
  writeFileSync(path, whole);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^The journal is whole.*\n +It ends with part/),
  });
});

test('history tells no changed record as truth: the rows, and that it was changed', async () => {
  await host.keeper.start();
  const { alice, carol = alice } = host.people;
  await letIn(host, alice);
  await letIn(host, carol);
  expect(withoutProgress((await host.cli(['history', '--json'])).stderr)).toBe('');
  const now = readFileSync(path, 'utf8');
  const at = now.indexOf('"event":"requested"');
  const forged = now.slice(0, at) + now.slice(at).replace(`"login":"${tga}-alice"`, `"login":"${tga}-aiice"`);
  expect(forged).not.toBe(now);
  writeFileSync(path, forged);
  const { stdout, stderr } = await host.cli(['history', '--json']);
  const told = JSON.parse(stdout) as { login: string; verified: boolean }[];
  expect(told).toMatchObject([
    { login: `${tga}-aiice`, verified: false },
    { login: `${tga}-carol`, verified: true },
  ]);
  expect(stderr).toMatch(/^The journal was CHANGED \(line \d+\)/m);
  expect((await host.cli(['history'])).stdout).toContain('NOT VERIFIED');
  writeFileSync(path, now);
  await host.keeper.stop();
  whole = readFileSync(path, 'utf8');
});

test('audit show tells what was asked for: --since, --login, and with --json each line as it stands', async () => {
  const shown = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await host.cli(['audit', 'show', ...words]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  expect(await shown('--json')).toBe(whole);
  expect(await shown('--json', '--since', 'yesterday')).toBe(whole);
  const bobs = await shown('--json', '--since', '1d', '--login', `${tga}-bob`);
  const events = bobs.split('\n').flatMap((line) => /"event":"([^"]+)"/.exec(line)?.[1] ?? []);
  expect([...new Set(events)].sort()).toEqual(['pinned', 'proved-anew', 'reviewed']);
  const text = await shown('--login', `${tga}-bob`);
  expect(text).toMatch(/ {2}reviewed .* by "\w+-bob \(\w+-bob@example\.com\)" .* verdict approve /);
  expect(await shown('--login', 'nobody')).toBe('The journal has no such record.\n');
  expect(await shown('--login', 'nobody', '--json')).toBe('');
});

test.each([
  [['show', '--since', 'x'], '--since: Not a time: "x". Use 90m, 24h, 7d, yesterday or 2026-11-28'],
  [['show', '--login', 'a b'], '--login: Not a login: "a b"'],
  [['verify', '--since', '7d'], 'audit verify takes neither --since nor --login; audit show and audit export do'],
])('audit %j is not understood', async (words, sentence) => {
  const stderr = `tmux-gate: ${sentence}\nhint: see: tmux-gate help audit\n`;
  expect(await host.cli(['audit', ...words])).toMatchObject({ code: 64, stdout: '', stderr });
});

test('audit key, checkpoint and proof print what another machine verifies a copy of the journal with', async () => {
  const printed = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await host.cli(['audit', ...words]);
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    return stdout;
  };
  const folder = `${host.root}/elsewhere`;
  cpSync(dirname(path), `${folder}/journal`, { recursive: true });
  mkdirSync(`${folder}/kept`);
  const key = (await printed('key')).trim();
  expect(key).toMatch(/^tmux-gate\/prod-box\+[0-9a-f]{8}\+/);
  const elsewhere = ['--journal', `${folder}/journal`, '--key', key];
  writeFileSync(`${folder}/kept/checkpoint`, await printed('checkpoint'));
  writeFileSync(`${folder}/kept/3.tlog-proof`, await printed('proof', '3'));
  expect(await printed('proof', '3', ...elsewhere)).toMatch(/^c2sp.org\/tlog-proof@v1\nindex 2\n/);
  const verified = await printed('verify', ...elsewhere, '--checkpoints', `${folder}/kept`);
  expect(verified).toMatch(/^The journal is whole: \d+ records, checkpoint matches\.\nKept checkpoints: 2 of 2 match/);
  writeFileSync(`${folder}/journal/journal.jsonl`, whole.replace('frobnicate', 'frobnicata'));
  expect(await host.cli(['audit', 'verify', ...elsewhere, '--checkpoints', `${folder}/kept`])).toMatchObject({
    code: 65,
    stdout: expect.stringMatching(/ line \d+ is not the record that was signed/),
  });
  expect(await host.cli(['audit', 'proof', '4', ...elsewhere])).toMatchObject({ code: 65, stdout: '' });
  expect(await host.cli(['audit', 'proof'])).toMatchObject({ code: 64 });
  expect(await host.cli(['audit', 'verify', '--key', key])).toMatchObject({ code: 64 });
  expect(await host.cli(['audit', 'show', '--journal', folder])).toMatchObject({ code: 64 });
  expect(await host.cli(['audit', 'verify', '--checkpoints', `${folder}/none`])).toMatchObject({ code: 66 });
});

test('a keeper that starts on a changed journal does not go on as if nothing were', async () => {
  writeFileSync(path, whole.replace('frobnicate', 'frobnicata'));
  const started = await host.keeper.start().then(
    () => true,
    () => false,
  );
  expect((await verify()).code).toBe(65);
  if (started) await host.keeper.stop();
  expect((await verify()).code).toBe(65);
  writeFileSync(path, whole);
});
