// The journal cannot be written (the disk is full, the file is gone or replaced, a line is torn): nothing opens, and who is in stays to the end.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { appendFileSync, copyFileSync, readdirSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { must } from '../../../scripts/sandbox/exec.ts';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { answers, expectCode, expectInOrder, expectNobody, killKeeper, restartKeeper } from '../../harness/faults.ts';
import { ask, enter, testHost, verb } from '../../harness/inside.ts';
import { seenOn } from '../../harness/refused.ts';

let host: Host;
let folder: string;
let file: string;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', people: { carol: ['engineers'] } });
  folder = `${host.root}/var/lib/tmux-gate/journal`;
  file = `${folder}/journal.jsonl`;
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
});

/** As a full disk has it: what makes the journal longer fails, everything smaller can be written. */
async function limit(size: number | 'unlimited'): Promise<void> {
  await must('prlimit', ['--pid', String(host.keeper.pid), `--fsize=${String(size)}:unlimited`]);
}

async function expectRefused(): Promise<void> {
  expectCode(
    await seenOn(host.people.alice.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look'])),
    'JOURNAL_DOWN',
    69,
  );
}

test('law 7: while it cannot be written no visit, sign-in or review gets through; live visits run to their end', async () => {
  const waiting = await ask(host, host.people['carol'] ?? host.people.alice);
  const inside = await enter(host, host.people.alice, { window: '12s' });
  await limit(statSync(file).size);
  await expectRefused();
  expectCode(await verb(host.people.bob, ['approve', waiting.request]), 'JOURNAL_DOWN', 69);
  const first = /^journal +DOWN {2}JOURNAL_DOWN: the last record could not be written \(EFBIG\)\n/;
  await answers(inside, 'alive');
  expect((await host.cli(['status'])).stdout).toMatch(first);
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(Date.now()).toBeGreaterThanOrEqual(inside.end);
  expect(Date.now()).toBeLessThan(inside.end + 15_000);
  await expectNobody(host);
  await limit('unlimited');
  waiting.terminal.type('q');
  await waiting.terminal.exit;
  await expectInOrder(host);
  expect((await host.cli(['status'])).stdout).toMatch(/^journal +ok/m);
});

test('law 5: a revocation bites while it cannot be written, says so, and holds over the restart', async () => {
  const inside = await enter(host, host.people.alice);
  await limit(statSync(file).size);
  const { code, stderr } = await host.cli(['revoke', inside.request]);
  expect(stderr).toContain('[JOURNAL_DOWN]');
  expect(code).toBe(69);
  expect(await inside.terminal.exit).toMatchObject({ code: 77 });
  await expectNobody(host);
  await killKeeper(host);
  await host.keeper.start();
  const again = host.people.alice.ssh(['-t', 'prod-db']);
  await again.until('Reason');
  again.kill('SIGKILL');
  await again.exit;
});

test('a line is torn by a crash in the middle of its write: the next keeper keeps the piece apart and goes on', async () => {
  await killKeeper(host);
  appendFileSync(file, '{"n":99999,"event":"connec');
  await host.keeper.start();
  const [torn = ''] = readdirSync(folder).filter((name) => name.startsWith('torn-'));
  expect(readFileSync(`${folder}/${torn}`, 'utf8')).toBe('{"n":99999,"event":"connec');
  await expectInOrder(host);
});

test('law 7: it is removed, replaced by a copy or cut short: refused until root puts it back; a live visit runs on', async () => {
  const inside = await enter(host, host.people.alice);
  const aside = `${folder}/aside`;
  renameSync(file, aside);
  await expectRefused();
  copyFileSync(aside, file);
  await expectRefused();
  renameSync(aside, file);
  copyFileSync(file, aside);
  truncateSync(file, statSync(file).size - 1);
  await expectRefused();
  await answers(inside, 'on');
  renameSync(aside, file);
  await restartKeeper(host);
  await expectInOrder(host);
  expect(await inside.terminal.exit).toMatchObject({ code: 77 });
});
