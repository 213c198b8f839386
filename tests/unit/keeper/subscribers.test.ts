import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Refused } from '../../../src/core/refusal.ts';
import { openKeyedMutex } from '../../../src/keeper/concurrency/keyed-mutex.ts';
import { openSubscribers, type SubscribersDeps } from '../../../src/keeper/dashboard/subscribers.ts';

let reads: number;
let fails: boolean;

const deps = (): SubscribersDeps =>
  ({
    host: 'prod-box',
    oneByOne: async (name: string, task: () => Promise<unknown>) => mutex.take(name, task),
    store: {
      pending: async () => {
        reads++;
        if (fails) throw new Refused('REDIS_DOWN');
        return Promise.resolve([]);
      },
      live: async () => (fails ? Promise.reject(new Error('odd')) : Promise.resolve([])),
    },
  }) as unknown as SubscribersDeps;
let mutex = openKeyedMutex();

beforeEach(() => {
  jest.useFakeTimers();
  [reads, fails, mutex] = [0, false, openKeyedMutex()];
});
afterEach(() => void jest.useRealTimers());

test('nothing is read, and no timer runs, while nobody watches', async () => {
  const subscribers = openSubscribers(deps());
  subscribers.changed();
  await jest.advanceTimersByTimeAsync(60_000);
  expect([reads, jest.getTimerCount()]).toEqual([0, 0]);
  const subscription = await subscribers.subscribe('bob', () => undefined);
  expect([reads, jest.getTimerCount()]).toEqual([1, 1]);
  subscription.leave();
  subscribers.changed();
  await jest.advanceTimersByTimeAsync(60_000);
  expect([reads, jest.getTimerCount()]).toEqual([1, 0]);
});

test('what happens at once is read once, for all who watch', async () => {
  const subscribers = openSubscribers(deps());
  const told = { bob: 0, erin: 0 };
  await subscribers.subscribe('bob', () => told.bob++);
  await subscribers.subscribe('erin', () => told.erin++);
  const [before, bob, erin] = [reads, told.bob, told.erin];
  for (let n = 0; n < 100; n++) subscribers.changed();
  await jest.advanceTimersByTimeAsync(1_000);
  expect([reads - before, told.bob - bob, told.erin - erin]).toEqual([1, 1, 1]);
});

test('law 12: of many boards a few are told each turn of the loop', async () => {
  const subscribers = openSubscribers(deps());
  const turnOf = new Map<string, number>();
  let turn = 0;
  for (let n = 0; n < 7; n++) await subscribers.subscribe(`login${n}`, () => turnOf.set(`login${n}`, turn));
  await jest.advanceTimersByTimeAsync(1);
  turnOf.clear();
  const tick = (): void => {
    turn += 1;
    if (turn < 500) setImmediate(tick);
  };
  setTimeout(tick, 249);
  subscribers.changed();
  await jest.advanceTimersByTimeAsync(1_000);
  const each = Map.groupBy(turnOf.values(), (when) => when);
  expect(turnOf.size).toBe(7);
  expect(Math.max(...[...each.values()].map(({ length }) => length))).toBeLessThanOrEqual(2);
});

test('what raises no event is seen all the same', async () => {
  const subscribers = openSubscribers(deps());
  let told = 0;
  await subscribers.subscribe('bob', () => told++);
  await jest.advanceTimersByTimeAsync(20_000);
  expect(told).toBeGreaterThan(3);
});

test('what cannot be read is shown as that', async () => {
  const subscribers = openSubscribers(deps());
  fails = true;
  const subscription = await subscribers.subscribe('bob', () => undefined);
  expect(subscription.data()).toMatchObject({ requests: { code: 'REDIS_DOWN' }, grants: { code: 'INTERNAL' } });
});

test('attack: one login takes a few boards, everybody together a bounded number; a place that is left is free', async () => {
  const subscribers = openSubscribers(deps());
  const sit = async (login: string) => subscribers.subscribe(login, () => undefined);
  const busy = { code: 'BUSY' };
  const first = await sit('bob');
  for (let n = 1; n < 8; n++) await sit('bob');
  await expect(sit('bob')).rejects.toMatchObject(busy);
  first.leave();
  await sit('bob');
  for (let n = 8; n < 64; n++) await sit(`login${n}`);
  await expect(sit('erin')).rejects.toMatchObject(busy);
});
