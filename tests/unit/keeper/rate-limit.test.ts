// Somebody who asks and withdraws all day: on call hears of it, and then no more for a while.
import { beforeEach, expect, test } from '@jest/globals';
import type { Notifier } from '../../../src/adapters/notices/notify.ts';
import type { Notice } from '../../../src/core/notice.ts';
import { limitNotices, type Held } from '../../../src/keeper/notices/rate-limit.ts';

let sent: Notice[];
let held: Held[];
let now: number;
let notifier: Notifier;

beforeEach(() => {
  [sent, held, now] = [[], [], 0];
  const all: Notifier = { send: (notice) => void sent.push(notice), close: async () => Promise.resolve() };
  notifier = limitNotices(
    all,
    () => now,
    (one) => void held.push(one),
  );
});

const send = (event: Notice['event'], login: string, times: number): void => {
  for (let left = times; left > 0; left--) notifier.send({ event, login, host: 'prod-box' });
};

test.each(['requested', 'signed-in'] as const)(
  '%s: the thirtieth says that more are held back, and they are',
  (event) => {
    send(event, 'mallory', 35);
    expect(sent).toHaveLength(30);
    expect(sent.slice(0, 29).some(({ heldBack }) => heldBack !== undefined)).toBe(false);
    expect(sent[29]?.heldBack).toBe('further notices like this one from mallory, until 00:10:00 UTC');
    expect(held).toEqual([{ login: 'mallory', notices: event, until: 600_000 }]);
  },
);

test('nobody else is held back, nor another kind of notice, nor the same login ten minutes later', () => {
  send('requested', 'mallory', 35);
  send('requested', 'alice', 1);
  send('signed-in', 'mallory', 1);
  expect(sent).toHaveLength(32);
  now = 600_000;
  send('requested', 'mallory', 1);
  expect(sent).toHaveLength(33);
});

test.each([
  'reviewed',
  'withdrawn',
  'lapsed',
  'unanswered',
  'granted',
  'revoked',
  'locked',
  'break-glass',
  'guard-failed',
  'link-refused',
  'ended',
] as const)('%s is never held back', (event) => {
  send(event, 'mallory', 100);
  expect(sent).toHaveLength(100);
});
