// Locks: their state on disk, what each of them ends, and what is agreed with peers (src/keeper/identity/locks.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lock } from '../../../src/core/lock.ts';
import { minute } from '../../../src/core/time.ts';
import {
  agree,
  confirmationOf,
  enforce,
  finishLocks,
  holdAgainstLocks,
  takeAgain,
} from '../../../src/keeper/identity/locks.ts';
import { openLocks } from '../../../src/keeper/state/held-locks.ts';
import { type Locks } from '../../../src/keeper/state/held-locks.ts';
import { signedBy } from './fakes.ts';
import { alice, ask, began, bob, codeOf, events, granted, host, lineOf, openWorld, type World } from './world.ts';

let folder: string;
let path: string;
let world: World;
let locks: Locks;

const lockOf = (number = 1, change: Partial<Lock> = {}): Lock => ({
  ...{ target: 'alice', number, locked: true, by: 'root', reason: 'laptop lost', at: began },
  ...change,
});
const heldOf = (lock: Lock, by = host): { lock: Lock; jws: string } => ({ lock, jws: signedBy(by, 'lock', lock) });
const deps = () => ({ ...world.deps, locks });

beforeEach(async () => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  folder = mkdtempSync(join(tmpdir(), 'locks-'));
  path = join(folder, 'locks.json');
  [world, locks] = [openWorld(), await openLocks(path)];
});
afterEach(() => {
  world.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 });
  jest.useRealTimers();
});

describe('the state of locks', () => {
  test('is on disk before it counts, and survives the keeper', async () => {
    expect(await locks.take(heldOf(lockOf()))).toBe(true);
    const again = await openLocks(path);
    expect([again.of('alice')?.reason, again.of('bob'), again.next('alice'), again.next('bob')]).toEqual([
      ...['laptop lost', undefined, 2, 1],
    ]);
    expect(again.unfinished()).toHaveLength(1);
  });

  test('changes by a higher number alone: an old unlock that somebody kept lifts nothing', async () => {
    await locks.take(heldOf(lockOf(2)));
    expect(await locks.take(heldOf(lockOf(1, { locked: false })))).toBe(false);
    expect(await locks.take(heldOf(lockOf(2, { locked: false })))).toBe(false);
    expect(locks.of('alice')).toBeDefined();
    expect(await locks.take(heldOf(lockOf(3, { locked: false })))).toBe(true);
    expect([locks.of('alice'), locks.all().length]).toEqual([undefined, 1]);
  });

  test('a lock holds also where it cannot be written, is written as soon as that goes, and an unlock is then none', async () => {
    const nowhere = await openLocks(join(folder, 'missing', 'locks.json'));
    await expect(nowhere.take(heldOf(lockOf()))).rejects.toThrow();
    expect(nowhere.of('alice')).toBeDefined();
    await expect(nowhere.take(heldOf(lockOf(2, { locked: false })))).rejects.toThrow();
    expect(nowhere.of('alice')).toBeDefined();
    await expect(nowhere.keep()).rejects.toThrow();
    await locks.take(heldOf(lockOf()));
    await expect(locks.keep()).resolves.toBeUndefined();
  });

  test('is unfinished until nobody works on it and its effect is complete', async () => {
    await locks.take(heldOf(lockOf()));
    expect(locks.unfinished()).toEqual([]); // whoever took it works on it
    await locks.rest(lockOf(), false);
    expect(locks.unfinished()).toHaveLength(1);
    await locks.rest(lockOf(7), true); // another number
    expect(locks.unfinished()).toHaveLength(1);
    await locks.rest(lockOf(), true);
    await locks.rest(lockOf(), true);
    expect([locks.unfinished(), locks.signed().length]).toEqual([[], 1]);
    expect(readFileSync(path, 'utf8')).not.toContain('unfinished');
  });
});

describe('law 5: a lock of a login', () => {
  test('ends sign-ins, grants and waiting requests of it, in words that say who and why, and nothing of others', async () => {
    await granted(world);
    await granted(world, { id: 'G1', who: bob });
    const { facts } = await ask(world);
    await ask(world, { id: 'R2', who: bob });
    await ask(world, { id: 'R3', host: 'peer-box' });
    const waits = world.deps.pendingAnswers.of(facts, new AbortController().signal);
    world.store.signIns.set(`${host} alice SHA256:x`, '');
    expect(await enforce(deps(), heldOf(lockOf()))).toEqual({ signIns: 1, grants: 1, connections: 0, requests: 1 });
    expect(await waits).toEqual({ state: 'unanswered' });
    expect(world.deps.liveGrants.all().map(({ grant }) => grant.id)).toEqual(['G1']);
    expect(world.tombstones.has('request:K7QF00')).toBe(true);
    expect(lineOf(world, 'locked')).toMatchObject({ target: 'alice', login: 'alice', by: 'root' });
    expect(lineOf(world, 'revoked')).toMatchObject({ grant: 'G0', reason: 'login locked: laptop lost' });
    expect(['K7QF00', 'R2', 'R3'].map((id) => world.store.requests.get(id)?.state)).toEqual([
      ...['withdrawn', 'pending', 'pending'],
    ]);
    expect([locks.unfinished(), world.deps.outbox.all().map(({ event }) => event)]).toEqual([[], ['grant-ended']]);
  });

  test('of everyone ends what everyone holds', async () => {
    await world.deps.pins.set('bob', bob);
    await granted(world, { id: 'G1', who: bob });
    world.store.signIns.set(`${host} bob SHA256:x`, '');
    const ended = await enforce(deps(), heldOf(lockOf(1, { target: '*', reason: '' })));
    expect(ended).toEqual({ signIns: 1, grants: 1, connections: 0, requests: 0 });
    expect(lineOf(world, 'locked')).not.toHaveProperty('login');
  });

  test('that is no news ends nothing', async () => {
    await enforce(deps(), heldOf(lockOf()));
    expect(await enforce(deps(), heldOf(lockOf()))).toBeUndefined();
    expect(events(world)).toEqual(['locked']);
  });

  test('ends what it ends also where no record can be written; the refusal says so, and it stays unfinished', async () => {
    await granted(world);
    world.journal.full = true;
    expect(await codeOf(enforce(deps(), heldOf(lockOf())))).toBe('JOURNAL_DOWN');
    expect([world.deps.liveGrants.all(), locks.of('alice')?.number, locks.unfinished().length]).toEqual([[], 1, 1]);
    world.journal.full = false;
    await finishLocks(deps());
    expect(locks.unfinished()).toEqual([]);
  });

  test('stays unfinished while Redis does not say which requests wait', async () => {
    world.store.down = true;
    await enforce(deps(), heldOf(lockOf()));
    expect(locks.unfinished()).toHaveLength(1);
    await finishLocks(deps());
    expect(locks.unfinished()).toHaveLength(1);
    expect(world.deps.log.said.map(({ event }) => event)).toContain('lock-not-complete');
  });

  test('an unlock is written down before it holds, and without its record it is none', async () => {
    await enforce(deps(), heldOf(lockOf()));
    world.journal.full = true;
    expect(await codeOf(enforce(deps(), heldOf(lockOf(2, { locked: false }))))).toBe('JOURNAL_DOWN');
    expect(locks.of('alice')).toBeDefined();
    world.journal.full = false;
    expect(await enforce(deps(), heldOf(lockOf(2, { locked: false })))).toMatchObject({ grants: 0 });
    expect([locks.of('alice'), lineOf(world, 'unlocked')]).toMatchObject([undefined, { number: 2 }]);
  });

  test('that an earlier keeper began holds again, and whatever is found open at the start ends', async () => {
    const { lock, jws } = heldOf(lockOf());
    await takeAgain(deps(), JSON.stringify({ lock, jws }));
    await takeAgain(deps(), 'torn');
    await locks.rest(lock, true);
    await granted(world);
    await granted(world, { id: 'G1', who: bob });
    await holdAgainstLocks(deps());
    expect(world.deps.liveGrants.all().map(({ grant }) => grant.id)).toEqual(['G1']);
  });
});

describe('the locks of a fleet', () => {
  test('one that a peer signed holds here, and is confirmed by its own name', async () => {
    const { jws } = heldOf(lockOf(), 'peer-box');
    world.store.shownLocks.set('alice', jws);
    await agree(deps());
    expect(locks.of('alice')).toBeDefined();
    expect(world.store.confirmed).toEqual([`${host} ${confirmationOf(jws)}`]);
    await agree(deps());
    expect(world.store.confirmed).toHaveLength(1);
  });

  test('one that nobody of this gate signed does not', async () => {
    world.store.shownLocks.set('alice', heldOf(lockOf(), 'nowhere').jws);
    world.store.shownLocks.set('bob', 'forged');
    await agree(deps());
    expect(locks.all()).toEqual([]);
  });

  test('what Redis lost or shows older is put back', async () => {
    const held = heldOf(lockOf(2));
    await locks.take(held);
    await locks.rest(held.lock, true);
    await agree(deps());
    expect(world.store.shownLocks.get('alice')).toBe(held.jws);
    world.store.shownLocks.set('alice', heldOf(lockOf(1, { locked: false })).jws);
    await agree(deps());
    expect([world.store.shownLocks.get('alice'), locks.of('alice')?.number]).toEqual([held.jws, 2]);
  });

  test('one that cannot be written down does not keep the next from being heard', async () => {
    world.journal.full = true;
    world.store.shownLocks.set('alice', heldOf(lockOf(), 'peer-box').jws);
    world.store.shownLocks.set('bob', heldOf(lockOf(1, { target: 'bob' }), 'peer-box').jws);
    await agree(deps());
    expect([locks.of('alice')?.number, locks.of('bob')?.number, world.store.confirmed]).toEqual([1, 1, []]);
    expect(alice.login).toBe(locks.of('alice')?.target);
  });
});

describe('rule 5: a lock outlives the key that signed it', () => {
  const oldForm = (lock: Lock, by = host): string =>
    JSON.stringify({ host: by, kind: 'lock', payload: lock, by: 'old' });
  const rotated = () => {
    const isOfFormerKey = (jws: string): boolean => jws.includes(`{"host":"${host}"`) && jws.endsWith('"by":"old"}');
    return { ...deps(), keys: { ...world.deps.keys, isOfFormerKey } };
  };
  async function hold(lock: Lock, jws: string): Promise<void> {
    await locks.take({ lock, jws });
    await locks.rest(lock, true);
  }

  test('one that this host made is signed again with its key of now, kept, and shown in that form', async () => {
    await hold(lockOf(), oldForm(lockOf()));
    world.store.shownLocks.set('alice', oldForm(lockOf()));
    await agree(rotated());
    const { jws } = heldOf(lockOf());
    expect(world.store.shownLocks.get('alice')).toBe(jws);
    expect((await openLocks(path)).signed()).toEqual([{ lock: lockOf(), jws }]);
    world.store.shownLocks.set('alice', oldForm(lockOf())); // somebody puts the old form back
    await agree(rotated());
    jest.setSystemTime(began + 2_000);
    await agree(rotated());
    expect([world.store.shownLocks.get('alice'), locks.signed()[0]?.jws]).toEqual([jws, jws]);
  });

  test('the form of a peer is taken over, of the same lock alone', async () => {
    await hold(lockOf(), oldForm(lockOf(), 'peer-box'));
    const [other, same] = [heldOf(lockOf(1, { reason: 'another' }), 'peer-box'), heldOf(lockOf(), 'peer-box')];
    world.store.shownLocks.set('alice', other.jws);
    await agree(rotated());
    expect(locks.signed()[0]?.jws).toBe(oldForm(lockOf(), 'peer-box'));
    world.store.shownLocks.set('alice', same.jws);
    await agree(rotated());
    expect([locks.signed()[0]?.jws, world.store.shownLocks.get('alice')]).toEqual([same.jws, same.jws]);
  });

  test('one that cannot be written in its new form holds in the old one', async () => {
    await hold(lockOf(), oldForm(lockOf()));
    const renew = async (): Promise<void> => Promise.reject(new Error('no space'));
    await agree({ ...rotated(), locks: { ...locks, renew } });
    expect([locks.of('alice')?.number, world.deps.log.said.map(({ event }) => event)]).toEqual([
      1,
      ['lock-not-renewed'],
    ]);
  });

  test('where the other host cannot verify the form of this one, it is announced at most every two seconds', async () => {
    await hold(lockOf(), heldOf(lockOf()).jws);
    const shows = async (at: number): Promise<unknown> => {
      jest.setSystemTime(began + at);
      world.store.shownLocks.set('alice', 'of a key that is not known here');
      await agree(deps());
      return world.store.shownLocks.get('alice') === heldOf(lockOf()).jws;
    };
    expect([await shows(0), await shows(1_999), await shows(2_000), await shows(2_001)]).toEqual([
      ...[true, false, true, false],
    ]);
  });
});

test('a request past its time is not withdrawn by a lock', async () => {
  await ask(world, { answerBy: began + minute });
  jest.setSystemTime(began + minute);
  expect(await enforce(deps(), heldOf(lockOf()))).toMatchObject({ requests: 0 });
});
