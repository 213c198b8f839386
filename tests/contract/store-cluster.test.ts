// A store on a real Redis Cluster of three primaries with a replica each, as the user of deploy/redis.acl (docs/store.md).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { slot } from '../../src/adapters/redis/cluster.ts';
import type { RedisAddress } from '../../src/core/policy-types.ts';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import { expectSoon } from '../harness/in-session.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { cluster, type Cluster, type Server } from '../../scripts/sandbox/redis-servers.ts';
import { minute } from '../../src/core/time.ts';
import { grantOf, hearing, patience, request, soon } from './store-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-cluster-'));
const passwordFile = join(folder, 'password');
let servers: Cluster;
let store: Store;

beforeAll(async () => {
  writeFileSync(passwordFile, 'a-password\n', { mode: 0o600 });
  const [, shipped = ''] = /^user tmux-gate on (.*)$/m.exec(readFileSync('deploy/redis.acl', 'utf8')) ?? [];
  servers = await cluster([`user tmux-gate on >a-password ${shipped}`]);
  store = await openStore(address());
  await store.connected(patience());
});
afterAll(async () => {
  await store.close();
  await servers[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => servers.whole());

/** All servers, or all but one that is away. */
function address(away?: Server): RedisAddress {
  const [first, ...more] = servers.servers.filter((one) => one !== away).map(({ port }) => `127.0.0.1:${String(port)}`);
  return { url: `redis://tmux-gate@${first ?? ''}`, passwordFile, cluster: more };
}

const works = async (id: string): Promise<boolean> =>
  store.post(request(id)).then(
    (posted) => posted,
    () => false,
  );

test('the slot is the one that a server computes for our hash tag', async () => {
  expect(await servers.servers[0]?.cli('cluster', 'keyslot', '{tmux-gate}:events')).toBe(String(slot));
});

test('from any server the one that has the keys is found, and all of them are there', async () => {
  const owner = await servers.owner(slot);
  for (const [at, { port }] of servers.servers.entries()) {
    await using one = await openStore({
      url: `redis://tmux-gate@127.0.0.1:${String(port)}`,
      passwordFile,
      cluster: [],
    });
    await one.connected(patience());
    expect(await one.post(request(`A${String(at)}`))).toBe(true);
  }
  const grant = grantOf();
  expect(await store.post(request('K7QF'))).toBe(true);
  expect(await store.grant('K7QF', grant)).toBe(true);
  await expectSoon(async () => expect(await store.copied(async () => store.lock('alice', 'jws'))).toBe(2));
  expect((await store.pending()).map(({ id }) => id).sort()).toEqual(['A0', 'A1', 'A2', 'A3', 'A4', 'A5']);
  for (const one of servers.servers) {
    const owns = (await one.role()) === 'master' && one === owner;
    const keys = (await one.cli('cluster', 'countkeysinslot', String(slot))) !== '0';
    if ((await one.role()) === 'master') expect(keys).toBe(owns);
  }
});

test('an owner that is killed: its replica takes over, and events go on', async () => {
  const before = await servers.owner(slot);
  const heard = await hearing(store);
  expect(await works('BEFORE')).toBe(true);
  await expectSoon(async () => expect(await store.copied(async () => store.lock('alice', 'jws'))).toBe(2));
  await before.kill();
  let tries = 0; // one whose answer was lost may have been done, and its id is taken
  await eventually('the store works', async () => works(`AFTER${String((tries += 1))}`));
  expect((await store.find('BEFORE'))?.state).toBe('pending');
  await eventually('events are heard', () => heard.ids.some((id) => id.startsWith('AFTER')));
  await heard.stop();
  expect(await servers.owner(slot)).not.toBe(before);
  await before.start();
  await eventually('it is a replica', async () => (await before.role()) === 'slave');
  expect(await store.post({ ...request('LATER'), answerBy: soon() + 10 * minute })).toBe(true);
});

test('an owner that is cut off from the others is left, though it says that it has the keys', async () => {
  const owner = await servers.owner(slot);
  const others = servers.servers.filter((one) => one !== owner);
  for (const one of others) one.stop();
  await eventually('it is down', async () => !(await works('CUT')));
  const told = Promise.withResolvers<string>();
  await using late = await openStore({ ...address(), onProblem: ({ message }) => told.resolve(message) });
  late.connected(AbortSignal.timeout(30_000)).then(
    () => told.resolve('it connected'),
    () => undefined,
  );
  expect(await told.promise).toMatch(/no server of the Cluster says who has the keys; .*/);
  for (const one of others) one.goOn();
  await late.connected(patience());
  await eventually('the store works again', async () => works(`WHOLE${String(Date.now())}`));
});

test('keys that move to another server are followed', async () => {
  const from = await servers.owner(slot);
  const masters = [];
  for (const one of servers.servers) if ((await one.role()) === 'master') masters.push(one);
  const to = masters.find((one) => one !== from);
  if (to === undefined) throw new Error('no other primary');
  const [source, target] = [await from.cli('cluster', 'myid'), await to.cli('cluster', 'myid')];
  await to.cli('cluster', 'setslot', String(slot), 'importing', source);
  await from.cli('cluster', 'setslot', String(slot), 'migrating', target);
  const keys = (await from.cli('cluster', 'getkeysinslot', String(slot), '1000')).split('\n');
  const access = ['AUTH2', 'admin', 'the-servers-own'];
  await from.cli('migrate', '127.0.0.1', String(to.port), '', '0', '5000', ...access, 'KEYS', ...keys);
  for (const one of [to, from, ...masters]) await one.cli('cluster', 'setslot', String(slot), 'node', target);
  await expectSoon(async () => expect(await works(`MOVED${String(Date.now())}`)).toBe(true));
  expect((await store.find('LATER'))?.state).toBe('pending');
  expect(await servers.owner(slot)).toBe(to);
});
