// People who can get in and try to wear the keeper out.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { testHost } from '../harness/inside.ts';
import { endIt, requestAccess, leaveQueue, letIn, rows, say } from '../harness/visits.ts';

let host: Host;

/** The look of a pattern that an admin writes in good faith, and that backtracks without end. */
const slow = String.raw`^(\w+\s?)+$`;

beforeAll(async () => {
  host = await testHost({
    prefix: 'brk',
    people: { carol: ['engineers'] },
    config: (config) => {
      const sessions = config.sessions as Readonly<Record<string, object>>;
      const policy = sessions['prod-db'];
      return {
        ...config,
        sessions: { ...sessions, slow: { ...policy, reason: { pattern: slow } }, wide: { ...policy, reason: {} } },
      };
    },
  });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

test('a reason that makes its pattern backtrack without end is refused at once, and the keeper goes on', async () => {
  const began = performance.now();
  const { text } = await say(host.people.alice, ['-tt', 'slow', '--reason', `${'a'.repeat(60)}!`]);
  expect(text).toContain('[BAD_REASON]');
  expect(performance.now() - began).toBeLessThan(30_000);
});

test('law 5: two revocations at the same moment both bite, and the next keeper starts', async () => {
  const inside = [
    await letIn(host, host.people.alice),
    await letIn(host, host.people['carol'] as Host['people']['bob']),
  ];
  await Promise.all(inside.map(async (one) => endIt(host, one)));
  await host.keeper.stop();
  await host.keeper.start();
  expect((await host.cli(['status'])).code).toBe(0);
});

test('a listing as JSON may be longer than a line of text', async () => {
  const reason = '\u{1F512}'.repeat(195);
  const waiting = [
    await requestAccess(host.people.alice, { session: 'wide', reason }),
    await requestAccess(host.people['carol'] as Host['people']['bob'], { session: 'wide', reason }),
  ];
  expect(await rows(host.people.bob, 'requests')).toHaveLength(2);
  for (const one of waiting) await leaveQueue(one);
});
