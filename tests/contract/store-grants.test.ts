// Grants in the store, on a real redis-server (docs/design.md, "Store"; laws 4, 5 and 8; threat C11).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Store, GrantEntry } from '../../src/adapters/redis/store.ts';
import { openTestStore, collect, grantOf, keyOf, request, reviewOf, type TestStore } from './store-harness.ts';

let harness: TestStore;
let store: Store;
let redis: TestStore['redis'];

beforeAll(async () => {
  harness = await openTestStore();
  ({ store, redis } = harness);
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis('flushall');
});

async function granted(entry: GrantEntry): Promise<GrantEntry> {
  expect(await store.post(request(entry.grantId))).toBe(true);
  expect(await store.grant(entry.grantId, entry)).toBe(true);
  return entry;
}

describe('grants', () => {
  test('end exactly when they were approved to (law 4)', async () => {
    const entry = await granted(grantOf());
    expect(await redis('pexpiretime', keyOf(entry))).toBe(String(entry.end));
    expect(await store.live({ host: 'prod-box', session: 'prod-db', login: 'alice' })).toEqual([
      { key: keyOf(entry), jws: entry.jws, keyEnd: entry.end },
    ]);
    expect(await store.find('G1')).toMatchObject({ state: 'approved' });
    expect(await store.pending()).toEqual([]);
  });

  test('are found by any part of their name', async () => {
    const one = await granted(grantOf('G1'));
    const two = await granted(grantOf('G2', { session: 'staging' }));
    const three = await granted(grantOf('G3', { host: 'other', login: 'bob' }));
    const keys = async (filter: Parameters<Store['live']>[0]) =>
      (await store.live(filter)).map(({ key }) => key).sort();
    expect(await keys({})).toEqual([three, one, two].map(keyOf).sort());
    expect(await keys({ host: 'prod-box' })).toEqual([one, two].map(keyOf));
    expect(await keys({ login: 'bob' })).toEqual([keyOf(three)]);
    expect(await keys({ id: 'G2' })).toEqual([keyOf(two)]);
    expect(await keys({ host: 'prod-box', session: 'prod-db', login: 'alice', id: 'G1' })).toEqual([keyOf(one)]);
    expect(await keys({ host: 'prod-box', session: 'prod-db', login: 'alice', id: 'G2' })).toEqual([]);
    expect(await keys({ host: 'prod-box', session: 'prod', login: 'alice' })).toEqual([]);
  });

  test('one that came back without an expiry is none, wherever it is looked for (C11)', async () => {
    const entry = await granted(grantOf());
    await redis('persist', keyOf(entry));
    for (const filter of [{}, { host: 'prod-box', session: 'prod-db', login: 'alice' }, { id: 'G1' }]) {
      expect(await store.live(filter)).toEqual([]);
    }
    const { host, session, login } = entry;
    expect(await store.live({ host, session, login, id: 'G1' })).toEqual([]);
  });

  test('a thinned-out index hides nothing from listing and revoking, and a padded one shows nothing (law 8)', async () => {
    const entry = await granted(grantOf());
    await redis('del', '{tmux-gate}:grants:prod-box');
    expect(await store.live({ id: 'G1' })).toHaveLength(1);
    await redis('set', 'other:app', 'secret', 'ex', '60');
    await redis('zadd', '{tmux-gate}:grants:prod-box', '1', 'other:app', '2', 'gone');
    expect(await store.live({ host: 'prod-box', session: 'prod-db', login: 'alice' })).toEqual([]);
    expect(await redis('zrange', '{tmux-gate}:grants:prod-box', '0', '-1')).toBe('');
    expect(await redis('get', 'other:app')).toBe('secret');
    expect(await store.revoke(entry)).toBe(true);
  });

  test('what was taken out of both indexes is in them again after a look at the grant (rule 4)', async () => {
    const { host, session, login, ...entry } = await granted(grantOf());
    await redis('del', '{tmux-gate}:grants:prod-box', '{tmux-gate}:grants');
    expect(await store.live({})).toEqual([]);
    expect(await store.live({ host, session, login, id: entry.grantId })).toHaveLength(1);
    for (const filter of [{}, { host, session, login }]) expect(await store.live(filter)).toHaveLength(1);
    const other = { host: 'other', session, login, id: 'NONE' };
    expect(await store.live(other)).toEqual([]);
    expect(await redis('exists', '{tmux-gate}:grants:other')).toBe('0');
  });

  test('many of a host are looked for at once, and found where they have an expiry', async () => {
    const entries = [];
    for (let n = 0; n < 700; n++) entries.push(await granted(grantOf(`G${String(n)}`)));
    const [first, second, ...others] = entries;
    await redis('del', keyOf(first ?? grantOf()));
    await redis('persist', keyOf(second ?? grantOf()));
    await redis('del', '{tmux-gate}:grants:prod-box');
    const found = await store.held('prod-box', entries);
    expect(found.map(({ key }) => key)).toEqual(others.map(keyOf));
    expect(await redis('zcard', '{tmux-gate}:grants:prod-box')).toBe('698');
    expect(await store.held('prod-box', [])).toEqual([]);
  });

  test('more names in an index than a fleet has grants refuse the listing; it is never cut short (law 8)', async () => {
    await granted(grantOf());
    await redis('eval', "for i = 1, 20001 do redis.call('ZADD', KEYS[1], 1, 'x' .. i) end", '1', '{tmux-gate}:grants');
    await expect(store.live({})).rejects.toMatchObject({ code: 'REDIS_DOWN' });
    expect(await store.live({ host: 'prod-box' })).toHaveLength(1);
  });

  test('none is made over reviews that have changed, for a time that has passed, or over another', async () => {
    await store.post(request());
    await store.review('K7QF', reviewOf('bob', 'yes'));
    await store.review('K7QF', reviewOf('ann', 'no'));
    expect(await store.grant('K7QF', grantOf('G1', { reviews: 1 }))).toBe(false);
    expect(await store.grant('K7QF', grantOf('G1', { end: Date.now() - 1000 }))).toBe(false);
    await redis('set', keyOf(grantOf()), 'there', 'ex', '60');
    expect(await store.grant('K7QF', grantOf())).toBe(false);
    expect((await store.find('K7QF'))?.state).toBe('pending');
    expect(await store.grant('K7QF', grantOf('G2', { reviews: 2 }))).toBe(true);
  });

  test('revoking removes and tells, also what is not there any more (law 5)', async () => {
    const { done } = await collect(store, 5);
    const entry = await granted(grantOf());
    expect(await store.revoke(entry)).toBe(true);
    expect(await store.revoke(entry)).toBe(false);
    await store.confirm('prod-box', 'G1', 'signed');
    expect(await store.live({})).toEqual([]);
    const names = { host: 'prod-box', session: 'prod-db', login: 'alice' };
    expect((await done).map(({ type, fields }) => ({ type, ...fields }))).toEqual([
      { type: 'requested', id: 'G1' },
      { type: 'granted', id: 'G1', grant: 'G1', ...names },
      { type: 'revoked', id: 'G1', ...names },
      { type: 'revoked', id: 'G1', ...names },
      { type: 'confirmed', host: 'prod-box', id: 'G1', proof: 'signed' },
    ]);
  });

  test('revoking works in a full Redis, where nothing can be granted (law 5)', async () => {
    const entry = await granted(grantOf());
    await store.post(request());
    await redis('config', 'set', 'maxmemory', '1');
    try {
      await expect(store.grant('K7QF', grantOf('G2'))).rejects.toMatchObject({ code: 'REDIS_DOWN' });
      expect(await store.revoke(entry)).toBe(true);
    } finally {
      await redis('config', 'set', 'maxmemory', '0');
    }
    expect(await store.find('K7QF')).toMatchObject({ state: 'pending' });
  });
});
