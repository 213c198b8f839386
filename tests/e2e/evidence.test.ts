// Evidence of an access on a real host: made by root with the keeper's knowledge, and verified by the script that is installed, from outside.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Host } from '../../scripts/sandbox/host.ts';
import { journal, testHost } from '../harness/inside.ts';
import { removeRecords } from '../harness/long-journal.ts';
import { letIn, say } from '../harness/visits.ts';

let host: Host;
let folder: string;
const run = promisify(execFile);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  host = await testHost({ prefix: 'tgp', people: { carol: ['engineers'] } });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('an access is proved while it lasts and when it is over, and whoever made the evidence is in the journal', async () => {
  const { alice } = host.people;
  const { request, terminal } = await letIn(host, alice, { reason: 'INC-7 look' });
  const live = await host.cli(['evidence', request, '--output', join(folder, 'live.tar'), '--json']);
  expect(JSON.parse(live.stdout)).toMatchObject({ id: request, over: false });
  await say(alice, ['give-back']);
  await terminal.exit;
  const file = join(folder, 'e.tar');
  const made = await host.cli(['evidence', request, '-o', file, '--reason', 'audit 2026']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const [key = ''] = /tmux-gate\/\S+\+[0-9a-f]{8}\+\S+/.exec(made.stdout) ?? [];
  const script = `${host.root}/usr/lib/tmux-gate/evidence/verify.sh`;
  for (const one of [file, join(folder, 'live.tar')]) {
    const { stdout } = await run('sh', [script, '--key', key, one]);
    expect(stdout).toContain('\nVERIFIED');
    expect(stdout).toContain('INC-7 look');
  }
  expect(journal(host.layout).filter(({ event }) => event === 'recording-read')).toMatchObject([
    { what: 'evidence', query: request },
    { what: 'evidence', query: request, reason: 'audit 2026' },
  ]);
  expect(readFileSync(file).subarray(0, 8).toString()).toBe('evidence');
});

test('an id that nobody has, and a file that is there already', async () => {
  const [requested] = journal(host.layout).filter(({ event }) => event === 'requested');
  const id = String(requested?.['request']);
  const near = `${id.slice(0, -1)}${id.endsWith('Z') ? 'Y' : 'Z'}`;
  const unknown = await host.cli(['evidence', near]);
  expect([unknown.code, unknown.stderr.includes(`did you mean ${id}?`)]).toEqual([66, true]);
  expect(await host.cli(['evidence', id, '-o', join(folder, 'e.tar')])).toMatchObject({ code: 73 });
});

test('all accesses of a month are proved at once, with one of them drawn, however young the journal is', async () => {
  const [granted] = journal(host.layout).filter(({ event }) => event === 'granted');
  const month = String(granted?.['at']).slice(0, 7);
  const file = join(folder, 'month.tar');
  const words = ['evidence', '--period', month, '--sample', '1', '--seed', '4711', '-o', file, '--json'];
  const made = await host.cli([...words, '--reason', 'SOC 2']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const told = JSON.parse(made.stdout) as { hostKey: string };
  expect(told).toMatchObject({ period: month, accesses: 1, exceptions: 0, sample: 1, seed: '4711', past: false });
  const script = `${host.root}/usr/lib/tmux-gate/evidence/verify.sh`;
  const { stdout } = await run('sh', [script, '--key', told.hostKey, '--seed', '4711', file]);
  expect(stdout).toContain('1 accesses, as population.csv lists them');
  expect(stdout).toContain(`${String(granted?.['grant'])} is verified`);
  const records = journal(host.layout);
  const read = records.findIndex(({ query }) => query === month);
  expect(records.slice(read, read + 2)).toMatchObject([
    { event: 'recording-read', what: 'evidence', reason: 'SOC 2' },
    { event: 'head', totals: { granted: 1 } },
  ]);
});

test.each([
  [['--period', '2026-13'], '2026-13 is no period'],
  [['--period', '2999-Q1'], '2999-Q1 has not begun'],
  [['--period', '2026-07', '--sample', '0'], '--sample takes a number from 1 up'],
  [['--period', '2026-07', '--sample', '2', '--seed', 'a b'], '--seed takes up to 64'],
  [['--period', '2026-07', '--seed', '1'], '--seed draws a sample'],
  [['K7QF2M', '--period', '2026-07'], 'not both'],
  [['K7QF2M', '--sample', '2'], '--sample belongs to --period'],
])('words that do not fit together: %s', async (words, said) => {
  const { code, stderr } = await host.cli(['evidence', ...words]);
  expect([code, stderr.includes(said)]).toEqual([64, true]);
});

test('an access whose records were removed by age: there is no evidence any more, what was made before stays valid', async () => {
  const [requested] = journal(host.layout).filter(({ event }) => event === 'requested');
  const id = String(requested?.['request']);
  const made = await host.cli(['evidence', id, '-o', join(folder, 'before.tar')]);
  await host.keeper.stop();
  const last = await removeRecords(host.layout);
  await host.keeper.start();
  const gone = await host.cli(['evidence', id]);
  expect([gone.code, gone.stderr.includes(`records 1 to ${last} were removed by journal.keep`)]).toEqual([69, true]);
  const month = String(requested?.['at']).slice(0, 7);
  const period = await host.cli(['evidence', '--period', month, '-o', join(folder, 'gone.tar')]);
  expect([period.code, period.stderr.includes('records of the beginning of this period were removed')]).toEqual([
    69,
    true,
  ]);
  const { code, stdout } = await host.cli(['audit', 'verify']);
  expect([code, stdout.includes(`Records 1 to ${last} were removed on `)]).toEqual([0, true]);
  const [key = ''] = /tmux-gate\/\S+\+[0-9a-f]{8}\+\S+/.exec(made.stdout) ?? [];
  const script = `${host.root}/usr/lib/tmux-gate/evidence/verify.sh`;
  expect((await run('sh', [script, '--key', key, join(folder, 'before.tar')])).stdout).toContain('\nVERIFIED');
  const { request, terminal } = await letIn(host, host.people.alice, { reason: 'INC-8 again' });
  await say(host.people.alice, ['give-back']);
  await terminal.exit;
  const file = join(folder, 'after.tar');
  expect(await host.cli(['evidence', request, '-o', file])).toMatchObject({ code: 0, stderr: '' });
  expect((await run('sh', [script, '--key', key, file])).stdout).toContain('\nVERIFIED');
});
