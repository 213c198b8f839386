// Requests, reviews and sign-ins in the store, on a real redis-server (docs/design.md, "Store"; laws 3 and 8; threat C11).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../src/adapters/redis/store.ts';
import { reviewLimit, valueLimit } from '../../src/adapters/redis/lua.ts';
import { minute } from '../../src/core/time.ts';
import { openTestStore, grantOf, patience, request, reviewOf, soon, type TestStore } from './store-harness.ts';

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

describe('requests', () => {
  test('are posted once, found, listed by age and forgotten in time', async () => {
    const first = request('B222');
    expect(await store.post(first)).toBe(true);
    expect(await store.post({ ...first, jws: 'another' })).toBe(false);
    expect(await redis('pexpiretime', '{tmux-gate}:request:B222')).toBe(String(first.answerBy));
    await redis('zadd', '{tmux-gate}:requests', '1', 'B222');
    await store.post(request('A111'));
    const entry = { id: 'B222', jws: 'jws of B222', state: 'pending', reviews: [] };
    expect(await store.find('B222')).toEqual(entry);
    expect((await store.pending()).map(({ id }) => id)).toEqual(['B222', 'A111']);
    await redis('del', '{tmux-gate}:request:B222');
    expect((await store.pending()).map(({ id }) => id)).toEqual(['A111']);
    expect(await redis('zcard', '{tmux-gate}:requests')).toBe('1');
    expect(await store.find('B222')).toBeUndefined();
    expect(await store.post({ ...request('C333'), answerBy: Date.now() - 1 })).toBe(false);
  });

  test('a person reviews once, in the order of coming, and not what is over or unknown', async () => {
    await store.post(request());
    expect(await store.review('K7QF', reviewOf('bob', 'yes'))).toBe('counted');
    expect(await store.review('K7QF', reviewOf('bob', 'no'))).toBe('already');
    expect(await store.review('K7QF', reviewOf('ann', 'a yes'))).toBe('counted');
    expect((await store.find('K7QF'))?.reviews).toEqual(['yes', 'a yes']);
    expect(await store.review('ZZZZ', reviewOf('bob', 'yes'))).toBe('unknown');
    expect(await store.settle('K7QF', 'denied', minute)).toBe(true);
    expect(await store.settle('K7QF', 'withdrawn', minute)).toBe(false);
    expect(await store.review('K7QF', reviewOf('carol', 'yes'))).toBe('over');
    expect((await store.find('K7QF'))?.state).toBe('denied');
    expect(await store.pending()).toEqual([]);
  });

  test('30 reviews at once all count, and 30 of one person count once', async () => {
    await store.post(request());
    const many = Array.from({ length: 30 }, (_, n) => store.review('K7QF', reviewOf(`reviewer-${n}`, `jws ${n}`)));
    expect(new Set(await Promise.all(many))).toEqual(new Set(['counted']));
    expect(new Set((await store.find('K7QF'))?.reviews).size).toBe(30);
    const one = Array.from({ length: 30 }, (_, n) => store.review('K7QF', reviewOf('bob', `jws ${n}`)));
    expect((await Promise.all(one)).filter((answer) => answer === 'counted')).toHaveLength(1);
  });

  test('a review waits while the request is being granted, and comes too late then; or it is counted, if nothing comes of that', async () => {
    await store.post(request());
    expect(await store.decide('K7QF', 1)).toBe(false);
    await store.review('K7QF', reviewOf('bob', 'yes'));
    expect(await store.decide('K7QF', 0)).toBe(false);
    expect(await store.decide('K7QF', 1)).toBe(true);
    const late = store.review('K7QF', reviewOf('ann', 'no'));
    expect((await store.find('K7QF'))?.reviews).toEqual(['yes']);
    expect(await store.grant('K7QF', { ...grantOf(), reviews: 1 })).toBe(true);
    expect(await late).toBe('over');
    expect(await store.decide('K7QF', 1)).toBe(false);
    await store.post(request('LEFT'));
    expect(await store.decide('LEFT', 0)).toBe(true);
    expect(Number(await redis('pttl', '{tmux-gate}:deciding:LEFT'))).toBeGreaterThan(0);
    const waits = store.review('LEFT', reviewOf('ann', 'no'));
    expect((await store.find('LEFT'))?.reviews).toEqual([]);
    expect(await waits).toBe('counted'); // five seconds later
  });

  test('a mark that somebody left without an end keeps no review waiting', async () => {
    await store.post(request());
    await redis('set', '{tmux-gate}:deciding:K7QF', '1');
    expect(await store.review('K7QF', reviewOf('bob', 'yes'))).toBe('counted');
  });

  test('settle and grant race: exactly one wins, and the state is the winner’s', async () => {
    for (let round = 0; round < 10; round++) {
      const id = `R${round}00`;
      await store.post(request(id));
      const racers = Array.from({ length: 15 }, (_, n) => [
        store.grant(id, grantOf(`${id}${n}`)),
        store.settle(id, n % 2 === 0 ? 'denied' : 'withdrawn', minute),
      ]).flat();
      const won = await Promise.all(racers);
      expect(won.filter(Boolean)).toHaveLength(1);
      const grants = (await store.live({})).filter(({ jws }) => jws.startsWith(`grant ${id}`));
      const approved = (await store.find(id))?.state === 'approved';
      expect([approved, grants.length]).toEqual(won.indexOf(true) % 2 === 0 ? [true, 1] : [false, 0]);
    }
  });

  test('one that came back without an expiry is none (C11)', async () => {
    await redis('hset', '{tmux-gate}:request:K7QF', 'jws', 'x', 'state', 'pending');
    expect(await store.find('K7QF')).toBeUndefined();
    expect(await store.review('K7QF', reviewOf('bob', 'yes'))).toBe('unknown');
    expect(await store.grant('K7QF', grantOf())).toBe(false);
    expect(await store.settle('K7QF', 'denied', minute)).toBe(false);
  });

  test('what others wrote too large, too often or of a wrong type is not read', async () => {
    await store.post(request());
    await store.post(request('GOOD'));
    const big = 'x'.repeat(valueLimit + 100);
    await redis('hset', '{tmux-gate}:request:K7QF', 'review:eve', `000 ${big}`);
    expect(await store.find('K7QF')).toBeUndefined();
    expect((await store.pending()).map(({ id }) => id)).toEqual(['GOOD']);
    const fields = Array.from({ length: reviewLimit + 1 }, (_, n) => [`review:${n}`, '000 x']).flat();
    await redis('hset', '{tmux-gate}:request:GOOD', ...fields);
    expect(await store.find('GOOD')).toBeUndefined();
    expect(await store.review('GOOD', reviewOf('bob', 'yes'))).toBe('over');
    await store.post(request('MUCH'));
    const much = Array.from({ length: 9 }, (_, n) => [`review:${n}`, `000 ${'x'.repeat(60_000)}`]).flat();
    await redis('hset', '{tmux-gate}:request:MUCH', ...much);
    expect(await store.find('MUCH')).toBeUndefined();
    await redis('set', '{tmux-gate}:request:TEXT', 'x', 'ex', '60');
    expect(await store.find('TEXT')).toBeUndefined();
    await expect(store.post({ ...request('D444'), jws: big })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('sign-ins', () => {
  test('are kept by host, login and fingerprint until their end, and forgotten by login', async () => {
    const until = soon();
    const odd = 'SHA256:*:?[a]\n\u0000 '.repeat(100);
    await store.rememberSignIn({ host: 'prod-box', login: 'alice', fingerprint: odd }, 'jws', until);
    await store.rememberSignIn({ host: 'prod-box', login: 'alice', fingerprint: 'second' }, 'jws 2', until);
    await store.rememberSignIn({ host: 'prod-box', login: 'alice2', fingerprint: odd }, 'jws 3', until);
    expect(await store.signIn({ host: 'prod-box', login: 'alice', fingerprint: odd })).toBe('jws');
    expect(await store.signIn({ host: 'prod-box', login: 'alice', fingerprint: 'third' })).toBeUndefined();
    expect(await store.signIn({ host: 'other', login: 'alice', fingerprint: odd })).toBeUndefined();
    const [name = ''] = (await redis('keys', '*sign-in:prod-box:alice:*')).split('\n');
    expect(await redis('pexpiretime', name)).toBe(String(until));
    expect(await store.forgetSignIns('prod-box', 'alice')).toBe(2);
    expect(await store.forgetSignIns('prod-box', 'alice')).toBe(0);
    expect(await store.signIn({ host: 'prod-box', login: 'alice2', fingerprint: odd })).toBe('jws 3');
    await redis('persist', await redis('keys', '*sign-in:prod-box:alice2:*'));
    expect(await store.signIn({ host: 'prod-box', login: 'alice2', fingerprint: odd })).toBeUndefined();
  });
});

test('no name splits a key or is a pattern', async () => {
  for (const name of ['a:b', '*', 'a?', '[a]', '', 'a b', 'x'.repeat(65), 'a\n']) {
    const refused = { code: 'INTERNAL' };
    await expect(store.find(name)).rejects.toMatchObject(refused);
    await expect(store.live({ login: name })).rejects.toMatchObject(refused);
    await expect(store.live({ host: 'h', session: 's', login: name })).rejects.toMatchObject(refused);
    await expect(store.revoke(grantOf(name))).rejects.toMatchObject(refused);
    await expect(store.forgetSignIns('prod-box', name)).rejects.toMatchObject(refused);
    await expect(store.review('K7QF', reviewOf(name, 'yes'))).rejects.toMatchObject(refused);
    await expect(store.confirm('prod-box', name, '')).rejects.toMatchObject(refused);
  }
});

test('the skew is Redis’ clock minus our own', async () => {
  await store.ping();
  expect(Math.abs(await store.skew())).toBeLessThan(1000);
  await using late = await openStore({ url: harness.server.url, now: () => Date.now() - minute });
  await late.connected(patience());
  expect(Math.abs((await late.skew()) - minute)).toBeLessThan(1000);
});
