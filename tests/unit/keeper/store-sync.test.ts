// What a keeper does with the events of the store, and with what it reads there every few seconds (src/keeper/store-sync.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { StoreEvent } from '../../../src/adapters/redis/follow.ts';
import { breakGlassPerson } from '../../../src/core/break-glass.ts';
import { assertTombstones, followStore } from '../../../src/keeper/store-sync.ts';
import { ask, began, bob, eventually, granted, openWorld, post, type World } from './world.ts';

let world: World;
let steps: string[];
let hear: (event: StoreEvent) => Promise<void>;
const stop = { now: new AbortController() };

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  steps = [];
  world = openWorld({ pause: async (step) => Promise.resolve(void steps.push(step)) });
  stop.now = new AbortController();
  world.store.follow = async (handler) => {
    hear = async (event) => handler(event);
    return Promise.resolve();
  };
  followStore({ ...world.deps, subscribers: { changed: () => undefined } }, stop.now.signal);
});
afterEach(() => {
  stop.now.abort();
  world.close();
  jest.useRealTimers();
});

const event = (type: string, fields: Readonly<Record<string, string>>): StoreEvent => ({ id: '1-0', type, fields });

describe('an event of a review', () => {
  test.each([
    ['of this host', { host: 'prod-box' }, true],
    ['of an earlier version, which names no host', {}, true],
    ['of another host', { host: 'peer-box' }, false],
  ])('%s is counted here: %j, %s', async (_, more, counted) => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await hear(event('reviewed', { id: asked.facts.id, ...more }));
    expect(world.deps.liveGrants.all()).toHaveLength(counted ? 1 : 0);
  });
});

describe('every three seconds', () => {
  const look = async (): Promise<void> => {
    const looks = (): number => steps.filter((step) => step === 'store.locks').length;
    const before = looks();
    jest.advanceTimersByTime(3_000);
    await eventually(() => looks() > before);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  };

  test('all grants are looked for at once; one whose key is gone ends and is buried, and no other does', async () => {
    for (const id of ['G1', 'G2', 'G3']) await granted(world, { id });
    steps.length = 0;
    await look();
    expect(steps.filter((step) => step === 'store.live')).toHaveLength(1);
    const key = [...world.store.grants.keys()].find((name) => name.endsWith(':G2')) ?? '';
    world.store.grants.delete(key);
    await look();
    expect(world.deps.liveGrants.all().map(({ grant }) => grant.id)).toEqual(['G1', 'G3']);
    expect(['G1', 'G2', 'G3'].map((id) => world.tombstones.has(id))).toEqual([false, true, false]);
  });

  test('threat H9: what was revoked on another host, and came back, is taken away again', async () => {
    const { session, end } = await granted(world, { id: 'G1', host: 'peer-box' });
    await world.tombstones.add('G1', end, { host: 'peer-box', session, login: 'alice' });
    await look();
    expect([...world.store.grants.keys()]).toEqual([]);
  });

  test('a Redis that does not answer ends nothing, and break-glass is not looked for', async () => {
    await granted(world, { id: 'G1' });
    await granted(world, { id: 'G2', who: breakGlassPerson('alice', 'code') });
    world.store.grants.delete([...world.store.grants.keys()].find((name) => name.endsWith(':G2')) ?? '');
    await look();
    world.store.down = true;
    await look();
    expect(world.deps.liveGrants.all().map(({ grant }) => grant.id)).toEqual(['G1', 'G2']);
  });
});

test('threat H9: a key that came back although its grant is over is deleted again', async () => {
  await granted(world, { id: 'G1' });
  await granted(world, { id: 'G2' });
  await world.tombstones.add('G1', began + 60_000);
  await granted(world, { id: 'G3', host: 'peer-box' });
  await world.tombstones.add('G3', began + 60_000);
  const left = (): readonly string[] => [...world.store.grants.keys()].map((name) => name.slice(-2));
  const deps = { ...world.deps, subscribers: { changed: () => undefined } };
  await assertTombstones(deps, 'own');
  expect(left()).toEqual(['G2', 'G3']);
  await assertTombstones(deps, 'all');
  expect(left()).toEqual(['G2']);
});
