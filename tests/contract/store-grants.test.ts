// Grants on the notice board, on a real redis-server (docs/design.md, "Store"; laws 4, 5 and 8; threat C11).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Store, GrantEntry } from '../../src/adapters/redis/store.ts';
import { boardHouse, collect, grantOf, keyOf, request, type BoardHouse } from './store-harness.ts';

let house: BoardHouse;
let board: Store;
let redis: BoardHouse['redis'];

beforeAll(async () => {
  house = await boardHouse();
  ({ board, redis } = house);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis('flushall');
});

async function granted(entry: GrantEntry): Promise<GrantEntry> {
  expect(await board.post(request(entry.grantId))).toBe(true);
  expect(await board.grant(entry.grantId, entry)).toBe(true);
  return entry;
}

describe('grants', () => {
  test('end exactly when they were approved to (law 4)', async () => {
    const entry = await granted(grantOf());
    expect(await redis('pexpiretime', keyOf(entry))).toBe(String(entry.end));
    expect(await board.live({ host: 'prod-box', session: 'prod-db', login: 'alice' })).toEqual([
      { key: keyOf(entry), jws: entry.jws, keyEnd: entry.end },
    ]);
    expect(await board.find('G1')).toMatchObject({ state: 'approved' });
    expect(await board.pending()).toEqual([]);
  });

  test('are found by any part of their name', async () => {
    const one = await granted(grantOf('G1'));
    const two = await granted(grantOf('G2', { session: 'staging' }));
    const three = await granted(grantOf('G3', { host: 'other', login: 'bob' }));
    const keys = async (filter: Parameters<Store['live']>[0]) =>
      (await board.live(filter)).map(({ key }) => key).sort();
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
      expect(await board.live(filter)).toEqual([]);
    }
    const { host, session, login } = entry;
    expect(await board.live({ host, session, login, id: 'G1' })).toEqual([]);
  });

  test('a thinned-out index hides nothing from listing and revoking, and a padded one shows nothing (law 8)', async () => {
    const entry = await granted(grantOf());
    await redis('del', 'tmux-gate:grants:prod-box');
    expect(await board.live({ id: 'G1' })).toHaveLength(1);
    await redis('set', 'other:app', 'secret', 'ex', '60');
    await redis('zadd', 'tmux-gate:grants:prod-box', '1', 'other:app', '2', 'gone');
    expect(await board.live({ host: 'prod-box', session: 'prod-db', login: 'alice' })).toEqual([]);
    expect(await redis('zrange', 'tmux-gate:grants:prod-box', '0', '-1')).toBe('other:app');
    expect(await board.revoke(entry)).toBe(true);
  });

  test('none is made over reviews that have changed, for a time that has passed, or over another', async () => {
    await board.post(request());
    await board.review('K7QF', 'bob', 'yes');
    await board.review('K7QF', 'ann', 'no');
    expect(await board.grant('K7QF', grantOf('G1', { reviews: 1 }))).toBe(false);
    expect(await board.grant('K7QF', grantOf('G1', { end: Date.now() - 1000 }))).toBe(false);
    await redis('set', keyOf(grantOf()), 'there', 'ex', '60');
    expect(await board.grant('K7QF', grantOf())).toBe(false);
    expect((await board.find('K7QF'))?.state).toBe('pending');
    expect(await board.grant('K7QF', grantOf('G2', { reviews: 2 }))).toBe(true);
  });

  test('revoking removes and tells, also what is not there any more (law 5)', async () => {
    const { done } = await collect(board, 5);
    const entry = await granted(grantOf());
    expect(await board.revoke(entry)).toBe(true);
    expect(await board.revoke(entry)).toBe(false);
    await board.confirm('prod-box', 'G1', 'signed');
    expect(await board.live({})).toEqual([]);
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
    await board.post(request());
    await redis('config', 'set', 'maxmemory', '1');
    try {
      await expect(board.grant('K7QF', grantOf('G2'))).rejects.toMatchObject({ code: 'REDIS_DOWN' });
      expect(await board.revoke(entry)).toBe(true);
    } finally {
      await redis('config', 'set', 'maxmemory', '0');
    }
    expect(await board.find('K7QF')).toMatchObject({ state: 'pending' });
  });
});
