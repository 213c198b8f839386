// The webhook of notices hangs, fails or is gone: visits neither wait nor fail, and what was not delivered is written down.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { expectInOrder } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { journal, testHost } from '../../harness/inside.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ prefix: 'tgq' });
});
afterAll(async () => host[Symbol.asyncDispose]());

const failed = (): number => journal(host.layout).filter(({ event }) => event === 'notice-failed').length;

test('it refuses notices: the visit goes on, and the journal has what was given up', async () => {
  host.webhook.answer(400, 400);
  await expectInOrder(host);
  await eventually('it is written down', () => failed() === 2);
});

test('it leaves them unanswered, then is gone: whole visits go by meanwhile', async () => {
  const before = host.webhook.notices.length;
  host.webhook.answer(...Array.from({ length: 50 }, () => 0));
  await expectInOrder(host);
  expect(host.webhook.notices.length - before).toBeLessThan(3);
  await host.webhook[Symbol.asyncDispose]();
  await expectInOrder(host);
});
