// A server that is too old for the store: a real one, whose answer of INFO is changed on the way to the version of an older one.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import { happening, openTestStore, patience, request, type TestStore } from './store-harness.ts';

let harness: TestStore;
let between: Server;
/** What a client is told instead of the server's answer. */
let changed = older;

beforeAll(async () => {
  harness = await openTestStore();
  between = createServer((near) => {
    const far = connect(decodeURIComponent(new URL(harness.server.url).pathname));
    for (const one of [near, far]) one.on('error', () => undefined);
    near.on('data', (data) => far.write(data)).on('close', () => far.destroy());
    far.on('data', (data: Buffer) => near.write(changed(data))).on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
});
afterAll(async () => {
  between.close();
  await harness[Symbol.asyncDispose]();
});

/** Of the same length, since the length of the answer comes before it. */
function older(data: Buffer): Buffer {
  return Buffer.from(data.toString('latin1').replace(/redis_version:\d/, 'redis_version:6'), 'latin1');
}
const same = (data: Buffer): Buffer => data;

test('ioredis is the version whose private field we know', () => {
  const { version } = JSON.parse(readFileSync('node_modules/ioredis/package.json', 'utf8')) as { version: string };
  expect(version).toBe('6.0.0');
});

test('it is refused by its name before a command is sent, and taken as soon as it is new enough', async () => {
  const told = Promise.withResolvers<string>();
  const ready = happening();
  await using store = await openStore({
    url: `redis://127.0.0.1:${String((between.address() as AddressInfo).port)}`,
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
  changed = same;
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
  changed = (data) => (data.toString('latin1').includes('redis_version:') ? Buffer.from('$-1\r\n') : data);
  await using store = await openStore({ url: `redis://127.0.0.1:${String((between.address() as AddressInfo).port)}` });
  await store.connected(patience());
  changed = same;
  expect(await store.post(request('NIL'))).toBe(true);
});

test('one that does not say its version is taken', async () => {
  const warned = jest.spyOn(console, 'warn').mockReturnValue(); // by ioredis
  await harness.redis('acl', 'setuser', 'silent', 'on', 'nopass', '~*', '&*', '+@all', '-info');
  const url = new URL(`redis://silent@127.0.0.1:${String((between.address() as AddressInfo).port)}`);
  await using store = await openStore({ url: url.href });
  await store.connected(patience());
  expect(await store.post(request('SILENT'))).toBe(true);
  warned.mockRestore();
});
