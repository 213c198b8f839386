// A store whose primary is named by Sentinels, on a real set: a primary, two replicas and three Sentinels (docs/store.md).
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import type { RedisAddress } from '../../src/core/policy-types.ts';
import { expectSoon } from '../harness/in-session.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { primaryName, sentinelSet, type SentinelSet, type Server } from '../../scripts/sandbox/redis-servers.ts';
import { grantOf, hearing, patience, request } from './store-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-sentinel-'));
const passwordFile = join(folder, 'password');
let set: SentinelSet;
let store: Store;
let problems: string[];
let ready = 0;
let made = 0;

const address = (): RedisAddress => ({
  url: `redis://tmux-gate@${primaryName}`,
  passwordFile,
  sentinels: set.sentinels,
});

beforeAll(async () => {
  writeFileSync(passwordFile, 'a-password\n', { mode: 0o600 });
  set = await sentinelSet(['user tmux-gate on >a-password ~* &* +@all']);
  const onProblem = ({ message }: Error): void => void problems.push(message);
  problems = [];
  store = await openStore({ ...address(), onReady: () => (ready += 1), onProblem });
  await store.connected(patience());
});
afterAll(async () => {
  await store.close();
  await set[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await set.whole();
  await store.connected(patience());
});

/** A request and its grant, which the store has when it resolves. */
async function granted(): Promise<ReturnType<typeof grantOf>> {
  made += 1;
  const grant = grantOf(`G${String(made)}`);
  await store.post(request(`K${String(made)}`));
  expect(await store.grant(`K${String(made)}`, grant)).toBe(true);
  return grant;
}

const isThere = async ({ host, session, login, grantId: id }: ReturnType<typeof grantOf>): Promise<boolean> =>
  (await store.live({ host, session, login, id })).length === 1;

/** Waits until a replica has all that was written. A busy one may take longer than the store waits. */
async function stands(): Promise<void> {
  await expectSoon(async () => expect(await store.copied(async () => store.lock('alice', 'jws'))).toBeGreaterThan(1));
}

/** Waits until the store answers again, from another server than this one. */
async function answersFromAnother(before: Server): Promise<Server> {
  const now = await set.failedOver(before);
  await eventually('the store answers', async () =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
  return now;
}

test('commands go to the primary, and a change is told with the number of servers that have it', async () => {
  const grant = await granted();
  expect(await (await set.primary()).cli('get', `{tmux-gate}:grant:prod-box:prod-db:alice:${grant.grantId}`)).toBe(
    grant.jws,
  );
  expect(await store.revoke(grant)).toBe(true);
  await stands();
  const primary = await set.primary();
  const replicas = set.servers.filter((one) => one !== primary);
  for (const one of replicas) one.stop();
  try {
    expect(await store.copied(async () => store.lock('alice', 'jws of a lock'))).toBe(1);
  } finally {
    for (const one of replicas) one.goOn();
  }
});

test('after a loss of the connection nothing is told about how many servers have a change', async () => {
  const primary = await set.primary();
  const times = ready;
  const copies = await store.copied(async () => {
    await store.lock('alice', 'jws of a lock');
    await primary.cli('client', 'kill', 'type', 'normal');
    await eventually('it is connected again', () => ready > times);
  });
  expect(copies).toBeUndefined();
});

test.each([
  ['killed', async (server: Server) => server.kill()],
  ['stopped', async (server: Server) => Promise.resolve(server.stop())],
])(
  'a primary that is %s: another one answers, has all that stood on two servers, and events go on',
  async (how, end) => {
    const before = await set.primary();
    const heard = await hearing(store);
    const grant = await granted();
    const times = ready;
    await stands();
    await end(before);
    const now = await answersFromAnother(before);
    expect(ready).toBeGreaterThan(times);
    expect(await isThere(grant)).toBe(true);
    await store.confirm('prod-box', 'after', 'proof');
    await eventually('the event is heard', () => heard.ids.includes('after'));
    await heard.stop();
    if (how === 'killed') await before.start();
    else before.goOn();
    await eventually('the old one follows the new one', async () => (await before.role()) === 'slave');
    expect(await store.post(request(`L${String((made += 1))}`))).toBe(true);
    expect(await now.role()).toBe('master');
  },
);

test('a primary with no replica that hears it takes nothing, if it is set up so, and is left', async () => {
  const before = await set.primary();
  await before.cli('config', 'set', 'min-replicas-to-write', '1', 'min-replicas-max-lag', '1');
  const others = set.servers.filter((one) => one !== before);
  for (const one of others) one.stop();
  const times = ready;
  await eventually('it refuses', async () =>
    store.lock('alice', 'jws').then(
      () => false,
      () => true,
    ),
  );
  await expectSoon(() => expect(ready).toBeGreaterThan(times));
  for (const one of others) one.goOn();
  await eventually('it takes writes again', async () =>
    store.lock('alice', 'jws').then(
      () => true,
      () => false,
    ),
  );
  await before.cli('config', 'set', 'min-replicas-to-write', '0');
});

test('one Sentinel of three is enough; a name that none of them knows is told', async () => {
  const [first, second] = set.watching;
  await first?.kill();
  await second?.kill();
  await using other = await openStore(address());
  await other.connected(patience());
  await other.ping();
  const told = Promise.withResolvers<string>();
  await using lost = await openStore({
    ...address(),
    url: 'redis://tmux-gate@nobody',
    onProblem: ({ message }) => told.resolve(message),
  });
  expect(await told.promise).toMatch(/[Ss]entinel/);
  await expect(lost.ping()).rejects.toMatchObject({ code: 'REDIS_DOWN' });
  await first?.start();
  await second?.start();
});
