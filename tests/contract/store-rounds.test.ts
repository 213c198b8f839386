// Rounds in the store, on a real redis-server (docs/store.md; law 8).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Store } from '../../src/adapters/redis/store.ts';
import { minute } from '../../src/core/time.ts';
import { collect, openTestStore, type TestStore } from './store-harness.ts';

let harness: TestStore;
let store: Store;
let redis: TestStore['redis'];
const key = '{tmux-gate}:batch:B222';
const batch = (id = 'B222'): { id: string; jws: string; end: number } => ({
  ...{ id, jws: `jws of ${id}` },
  end: Date.now() + minute,
});

beforeAll(async () => {
  harness = await openTestStore();
  ({ store, redis } = harness);
});
afterAll(async () => harness[Symbol.asyncDispose]());
beforeEach(async () => redis('flushall'));

test('a round is opened once, found with what is said of it, and forgotten in time', async () => {
  const first = batch();
  expect(await store.openRound('batch', first)).toBe(true);
  expect(await store.openRound('batch', { ...first, jws: 'another' })).toBe(false);
  expect(await redis('pexpiretime', key)).toBe(String(first.end));
  expect(await store.answerRound('batch', 'B222', { from: 'web-01', jws: 'no' })).toBe(true);
  expect(await store.answerRound('batch', 'B222', { from: 'web-01', jws: 'yes' })).toBe(true);
  expect(await store.answerRound('batch', 'B222', { from: 'web-02', jws: 'yes too' })).toBe(true);
  expect(await store.withdrawRound('batch', 'B222', 'withdrawn')).toBe(true);
  expect(await store.findRound('query', 'B222')).toBeUndefined();
  expect(await store.findRound('batch', 'B222')).toEqual({
    ...{ id: 'B222', jws: 'jws of B222', withdrawal: 'withdrawn' },
    answers: [
      { from: 'web-01', jws: 'yes' },
      { from: 'web-02', jws: 'yes too' },
    ],
  });
  expect(await store.rounds('batch')).toEqual(['B222']);
  await redis('del', key);
  expect(await store.findRound('batch', 'B222')).toBeUndefined();
  expect(await store.answerRound('batch', 'B222', { from: 'web-01', jws: 'yes' })).toBe(false);
  expect(await store.withdrawRound('batch', 'B222', 'withdrawn')).toBe(false);
  expect(await redis('exists', key)).toBe('0');
});

test('one whose time is over is not posted, and leaves the index with the next one', async () => {
  expect(await store.openRound('batch', { ...batch(), end: Date.now() - 1 })).toBe(false);
  await redis('zadd', '{tmux-gate}:batches', '1', 'OLD1');
  await store.openRound('batch', batch('C333'));
  expect(await store.rounds('batch')).toEqual(['C333']);
});

test('every host is told of it, of each answer, and of its withdrawal', async () => {
  const { done } = await collect(store, 3);
  await store.openRound('batch', batch());
  await store.answerRound('batch', 'B222', { from: 'web-01', jws: 'yes' });
  await store.withdrawRound('batch', 'B222', 'withdrawn');
  expect((await done).map(({ type, fields }) => [type, fields['id']])).toEqual([
    ['batch', 'B222'],
    ['batch-answered', 'B222'],
    ['batch-withdrawn', 'B222'],
  ]);
});

test('what somebody else wrote there is not read: no expiry, too many fields, another type', async () => {
  await redis('hset', key, 'jws', 'x');
  expect(await store.findRound('batch', 'B222')).toBeUndefined();
  await redis('del', key);
  await store.openRound('batch', batch());
  await redis('hset', key, ...Array.from({ length: 2_010 }, (_, at) => [`host:h${at}`, 'x']).flat());
  expect(await store.findRound('batch', 'B222')).toBeUndefined();
  await redis('del', key);
  await redis('set', key, 'x', 'px', '60000');
  expect(await store.findRound('batch', 'B222')).toBeUndefined();
  expect(await store.answerRound('batch', 'B222', { from: 'web-01', jws: 'yes' })).toBe(false);
  await redis('zadd', '{tmux-gate}:batches', '1', 'a:b');
  expect(await store.rounds('batch')).toEqual(['B222']);
});
