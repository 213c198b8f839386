// Law 7, in the middle of a day: a journal that cannot be written shuts the door, and takes nobody's window away nor lengthens it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { statSync } from 'node:fs';
import { account } from '../../scripts/sandbox/accounts.ts';
import { must } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import { ask, comeBack, connections, enter, eventually, testHost, verb, type Inside } from '../house/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgd', people: { carol: ['engineers'] } });
});
afterAll(async () => host[Symbol.asyncDispose]());

const file = (): string => `${host.root}/var/lib/tmux-gate/journal/journal.jsonl`;

/** As a full disk has it: what makes the journal longer fails, everything smaller can be written. */
async function limit(size: number | 'unlimited'): Promise<void> {
  await must('prlimit', ['--pid', String(host.keeper.pid), `--fsize=${String(size)}:unlimited`]);
}

async function answers({ terminal }: Inside, word: string): Promise<void> {
  terminal.type(`echo "$((20+22))-${word}"\r`);
  await terminal.until(`42-${word}`);
}

test('law 7: while the journal cannot be written no visit, sign-in or review gets through; live visits run to their end', async () => {
  const waiting = await ask(host, host.people['carol'] ?? host.people.alice);
  const inside = await enter(host, host.people.alice, { window: '12s' });
  await limit(statSync(file()).size);
  const attach = host.people.alice.ssh(['-t', 'prod-db']);
  expect(await attach.exit).toMatchObject({ code: 69 });
  expect(attach.text).toContain('[JOURNAL_DOWN]');
  const review = await verb(host.people.bob, ['approve', waiting.request]);
  expect(review).toMatchObject({ code: 69, text: expect.stringContaining('[JOURNAL_DOWN]') });
  await answers(inside, 'alive');
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(Date.now()).toBeGreaterThanOrEqual(inside.end);
  expect(Date.now()).toBeLessThan(inside.end + 15_000);
  await eventually('nothing of it is left', () => connections(host.layout).length === 0);
  await eventually('nor of its session', () => ofUids([account(host.layout.sessionAccount).uid]).length === 0);
  expect(statSync(file()).size).toBeGreaterThan(0);
  await limit('unlimited');
  waiting.terminal.type('q');
  await waiting.terminal.exit;
  const after = await enter(host, host.people.alice);
  await answers(await comeBack(host, host.people.alice), 'after');
  expect((await host.cli(['revoke', after.grant])).code).toBe(0);
  expect((await host.cli(['audit', 'verify'])).code).toBe(0);
});
