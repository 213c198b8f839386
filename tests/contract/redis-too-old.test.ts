// A server that is too old for the store: a real one, whose answer of INFO is changed on the way to the version of an older one.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import { older, onTheWay, same, type OnTheWay } from '../harness/on-the-way.ts';
import { happening, openTestStore, patience, request, type TestStore } from './store-harness.ts';

let harness: TestStore;
let between: OnTheWay;
const here = (user = ''): string => `redis://${user}127.0.0.1:${String(between.port)}`;

beforeAll(async () => {
  harness = await openTestStore();
  between = await onTheWay({ path: decodeURIComponent(new URL(harness.server.url).pathname) });
  between.turn(older);
});
afterAll(async () => {
  await between[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

test('ioredis is the version whose private field we know', () => {
  const { version } = JSON.parse(readFileSync('node_modules/ioredis/package.json', 'utf8')) as { version: string };
  expect(version).toBe('6.0.0');
});

test('it is refused by its name before a command is sent, and taken as soon as it is new enough', async () => {
  const told = Promise.withResolvers<string>();
  const ready = happening();
  await using store = await openStore({
    url: here(),
    onProblem: ({ message }) => told.resolve(message),
    onReady: () => {
      told.resolve('it connected');
      ready.happen();
    },
  });
  const follows = hearingLater(store);
  expect(await told.promise).toMatch(/^Redis 6\.[0-9.]+ is too old: Redis 7\.0 or later is needed$/);
  await expect(store.post(request('OLD'))).rejects.toMatchObject({ code: 'REDIS_TOO_OLD' });
  expect(await harness.store.find('OLD')).toBeUndefined();
  const followed = await harness.redis('client', 'list');
  expect(followed).not.toMatch(/cmd=x(?:read|revrange)/);
  between.turn(same);
  await ready.happened;
  expect(await store.post(request('NEW'))).toBe(true);
  await follows.stop();
});

/** Follows the events as soon as that can be done. */
function hearingLater(store: Store): { stop(): Promise<void> } {
  const ended = new AbortController();
  const over = store.follow(() => undefined, ended.signal);
  const stop = async (): Promise<void> => {
    ended.abort();
    await over;
  };
  return { stop };
}

test('an INFO without an answer ends nothing', async () => {
  between.turn((data) => (data.toString('latin1').includes('redis_version:') ? Buffer.from('$-1\r\n') : data));
  await using store = await openStore({ url: here() });
  await store.connected(patience());
  between.turn(same);
  expect(await store.post(request('NIL'))).toBe(true);
});

test('one that does not say its version is taken', async () => {
  const warned = jest.spyOn(console, 'warn').mockReturnValue(); // by ioredis
  await harness.redis('acl', 'setuser', 'silent', 'on', 'nopass', '~*', '&*', '+@all', '-info');
  await using store = await openStore({ url: here('silent@') });
  await store.connected(patience());
  expect(await store.post(request('SILENT'))).toBe(true);
  warned.mockRestore();
});
