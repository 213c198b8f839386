// The time of a request runs out while no keeper runs: whoever was told of it is told of its end by the next one, once.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { layoutAt } from '../../../src/wire/layout.ts';
import { killKeeper, restartKeeper } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { approve, endGrants, journal, testHost, type JournalRecord } from '../../harness/inside.ts';
import { requestAccess, say, type Waiting } from '../../harness/visits.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq', config: (config) => ({ ...config, request: { answer_within: '12s' } }) });
});
afterAll(async () => host[Symbol.asyncDispose]());
afterEach(async () => {
  if (host.keeper.pid === undefined) await host.keeper.start();
  await endGrants(host);
});

const recordsOf = (event: string, request: string): readonly JournalRecord[] =>
  journal(host.layout).filter((record) => record.event === event && record['request'] === request);
const told = (request: string): readonly unknown[] =>
  host.webhook.notices
    .map(({ body }) => body as { readonly event: string; readonly request?: string })
    .filter((notice) => notice.event === 'unanswered' && notice.request === request);

/** The files that say that this end of the request is owed. */
function owedFor(request: string): readonly string[] {
  const { outbox } = layoutAt(host.root);
  const is = `{"event":"unanswered","is":{"request":"${request}"}`;
  const files = readdirSync(outbox).filter((name) => name.endsWith('.json'));
  return files.map((name) => `${outbox}/${name}`).filter((file) => textOf(file).startsWith(is));
}

/** Empty where it was removed since its folder was listed. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Somebody asks, and their line is lost. */
async function askAndGo(): Promise<Waiting> {
  const waiting = await requestAccess(host.people.alice);
  waiting.terminal.kill('SIGKILL');
  await waiting.terminal.exit;
  return waiting;
}

async function untilOver(request: string): Promise<void> {
  const answerBy = Number(recordsOf('requested', request)[0]?.['answerBy']);
  await eventually('its time is over', () => Date.now() > answerBy);
}

test('nobody answered it: one record and one notice, whatever keeper starts after that', async () => {
  const { request } = await askAndGo();
  await killKeeper(host);
  await untilOver(request);
  expect(recordsOf('unanswered', request)).toEqual([]);
  await host.keeper.start();
  const { body } = await host.webhook.next((notice) => told(request).includes(notice));
  expect(body).toMatchObject({ login: host.people.alice.login, session: 'prod-db', host: 'prod-box' });
  await restartKeeper(host);
  expect(recordsOf('unanswered', request)).toMatchObject([{ login: host.people.alice.login, session: 'prod-db' }]);
  // A keeper that stops waits for the notices that it has to send.
  await host.keeper.stop();
  expect(told(request)).toHaveLength(1);
  expect(owedFor(request)).toEqual([]);
});

test('it ended while a keeper ran: the next one has nothing to add', async () => {
  const { request } = await askAndGo();
  await restartKeeper(host); // its time runs on under the next one
  await host.webhook.next((notice) => told(request).includes(notice));
  await restartKeeper(host);
  await host.keeper.stop();
  expect(recordsOf('unanswered', request)).toHaveLength(1);
  expect(told(request)).toHaveLength(1);
});

test.each<[string, (waiting: Waiting) => Promise<unknown>]>([
  ['denied', async ({ request }) => say(host.people.bob, ['deny', request, '--reason', 'no'])],
  ['granted', async ({ request }) => approve(host.people.bob, request)],
])(
  'it was %s: it has no other end, also when what was owed for it is back after a power cut',
  async (event, answer) => {
    const waiting = await askAndGo();
    const kept = owedFor(waiting.request).map((file) => [file, readFileSync(file)] as const);
    expect(kept).toHaveLength(1);
    await answer(waiting);
    await eventually('it is not owed any more', () => owedFor(waiting.request).length === 0);
    await killKeeper(host);
    for (const [file, entry] of kept) writeFileSync(file, entry);
    await untilOver(waiting.request);
    await host.keeper.start();
    await host.keeper.stop();
    expect(recordsOf(event, waiting.request)).toHaveLength(1);
    expect(recordsOf('unanswered', waiting.request)).toEqual([]);
    expect(told(waiting.request)).toEqual([]);
    expect(owedFor(waiting.request)).toEqual([]);
  },
);
