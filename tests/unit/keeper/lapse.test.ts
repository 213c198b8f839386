// Whether somebody may still have what reviewers approve (src/keeper/grants/lapse.ts, extension-window.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { minute, second } from '../../../src/core/time.ts';
import { moreFor, spanOf } from '../../../src/keeper/grants/extension-window.ts';
import { lapseExtensions, lapseLate, lapseOf } from '../../../src/keeper/grants/lapse.ts';
import { settle } from '../../../src/keeper/grants/settle.ts';
import { alice, ask, began, bob, carol, configOf, events, granted, lineOf, one, openWorld, post } from './world.ts';
import type { World } from './world.ts';

let world: World;
const more = { extends: { grant: 'G0', until: began + 20 * minute }, durationMs: 15 * minute };
const lockOf = (target: string) => ({ target, number: 1, locked: true, by: 'root', reason: '', at: began });

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('an approval comes to nothing', () => {
  test('once the login is locked; whoever waits and the notice say so, and no grant is made', async () => {
    const asked = await ask(world);
    const answer = world.deps.pendingAnswers.of(asked.facts, new AbortController().signal);
    await post(world, asked, bob);
    await world.deps.locks.take({ lock: lockOf('alice'), jws: '' });
    expect(await settle(world.deps, asked.facts.id)).toBe('lapsed');
    expect(await answer).toEqual({ state: 'lapsed', code: 'LOCKED' });
    expect(lineOf(world, 'lapsed')).toMatchObject({ request: 'K7QF00', login: 'alice', code: 'LOCKED' });
    expect(world.notices).toMatchObject([{ event: 'lapsed', why: 'LOCKED' }]);
    expect([world.store.grants.size, world.store.requests.get('K7QF00')?.state]).toEqual([0, 'lapsed']);
    expect(world.tombstones.has('request:K7QF00')).toBe(true);
  });

  test('once the provider no longer names a group that may ask, or no longer knows the person', async () => {
    const { facts } = await ask(world);
    world.groups.set('alice', ['interns']);
    expect(await lapseOf(world.deps, facts, one)).toBe('NOT_ALLOWED');
    world.groups.set('alice', 'gone');
    expect(await lapseOf(world.deps, facts, one)).toBe('SIGN_IN_OVER');
    world.groups.set('alice', ['engineers']);
    expect(await lapseOf(world.deps, facts, one)).toBeUndefined();
    world.groups.delete('alice'); // the provider does not say
    expect(await lapseOf(world.deps, facts, one)).toBeUndefined();
  });

  test('once its reason no longer has the form of the policy', async () => {
    world = openWorld({ config: configOf({ reason: { pattern: '^CHG-' } }) });
    expect(await lapseOf(world.deps, (await ask(world)).facts, one)).toBe('BAD_REASON');
  });

  test('once its session runs as something else: the request is withdrawn, and both sides are told', async () => {
    const asked = await ask(world, { terms: 'root shared account' });
    const answer = world.deps.pendingAnswers.of(asked.facts, new AbortController().signal);
    await post(world, asked, bob);
    expect(await settle(world.deps, asked.facts.id)).toBe('over');
    expect(await answer).toEqual({ state: 'unanswered' });
    expect([events(world), world.store.requests.get('K7QF00')?.state, world.tombstones.has('request:K7QF00')]).toEqual([
      ['withdrawn'],
      'withdrawn',
      true,
    ]);
    expect(world.notices).toMatchObject([
      { event: 'withdrawn', why: 'its session no longer runs as what was asked for' },
    ]);
  });

  test('which holds while Redis does not answer', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await world.deps.locks.take({ lock: lockOf('*'), jws: '' });
    world.deps.store.settle = async () => Promise.reject(new Error('away'));
    expect(await settle(world.deps, asked.facts.id)).toBe('lapsed');
    expect(world.deps.log.said.map(({ event }) => event)).toEqual(['lapse-not-in-store']);
  });
});

describe('an extension', () => {
  test('is late when its grant is not live, is somebody else’s, or is not in the store', async () => {
    const { facts } = await ask(world, more);
    expect(await lapseOf(world.deps, facts, one)).toBe('EXTENSION_LATE');
    await granted(world, { id: 'G1', who: carol });
    expect(await lapseOf(world.deps, { ...facts, extends: { grant: 'G1', until: 0 } }, one)).toBe('EXTENSION_LATE');
    await granted(world);
    expect(await lapseOf(world.deps, facts, one)).toBeUndefined();
    expect(await lapseOf(world.deps, { ...facts, mode: 'view' }, one)).toBe('EXTENSION_LATE');
    world.store.grants.clear();
    expect(await lapseOf(world.deps, facts, one)).toBe('EXTENSION_LATE');
  });

  test('of a window that is as long as it may be is refused', async () => {
    await granted(world, { end: began + 60 * minute });
    expect(await lapseOf(world.deps, (await ask(world, more)).facts, one)).toBe('WINDOW_TOO_LONG');
  });

  test('that waits lapses with its grant, and no other request does', async () => {
    const grant = await granted(world);
    const asked = await ask(world, more);
    await ask(world, { id: 'R2' });
    await ask(world, { id: 'R3', host: 'peer-box', ...more });
    await ask(world, { id: 'R4', extends: { grant: 'G9', until: 0 } });
    world.store.requests.set('R5', { jws: 'forged', state: 'pending', until: Infinity, reviews: new Map() });
    await lapseExtensions(world.deps, grant);
    expect(world.journal.lines.filter(({ event }) => event === 'lapsed')).toMatchObject([{ request: asked.facts.id }]);
  });

  test('that was answered while it waited for its turn does not lapse', async () => {
    const grant = await granted(world);
    await ask(world, more);
    await world.tombstones.add('request:K7QF00', began + minute);
    await lapseExtensions(world.deps, grant);
    expect(events(world)).toEqual(['granted']);
  });

  test('waits on while Redis does not answer', async () => {
    const grant = await granted(world);
    world.store.down = true;
    await expect(lapseExtensions(world.deps, grant)).resolves.toBeUndefined();
  });

  test('of a grant that ended while no keeper ran lapses at the start; one whose grant is there does not', async () => {
    await ask(world, { id: 'R1', ...more });
    await granted(world, { id: 'G1' });
    await ask(world, { id: 'R2', extends: { grant: 'G1', until: 0 } });
    await granted(world, { id: 'G2' });
    world.deps.liveGrants.close();
    world.deps.liveGrants.remove('G2', 'withdrawn', ''); // in the store still, and not known here yet
    await world.ends.settled();
    await ask(world, { id: 'R3', extends: { grant: 'G2', until: 0 } });
    await ask(world, { id: 'R4' });
    await lapseLate(world.deps);
    expect(world.journal.lines.filter(({ event }) => event === 'lapsed').map(({ request }) => request)).toEqual(['R1']);
  });
});

describe('the window of an extension', () => {
  test('counts from the end of the person’s latest grant to do the same', async () => {
    await granted(world);
    await granted(world, { id: 'G1', end: began + 30 * minute });
    await granted(world, { id: 'G2', end: began + 50 * minute, mode: 'view' });
    const { facts } = await ask(world, more);
    expect(spanOf(world.deps, facts, one, 15 * minute)).toEqual({
      ...{ start: began, end: began + 45 * minute, givenMs: 15 * minute, extends: 'G0', from: began + 30 * minute },
    });
    expect(moreFor(world.deps, { ...facts, who: carol }, one, minute)).toBe(0);
    expect(spanOf(world.deps, { ...facts, who: carol }, one, minute)).toBeUndefined();
  });

  test('of a first grant starts now and ends in whole seconds', async () => {
    jest.setSystemTime(began + 999);
    const { facts } = await ask(world);
    expect(facts.who).toEqual(alice);
    expect(spanOf(world.deps, facts, one, 10 * second)).toEqual({
      ...{ start: began + 999, end: began + 10 * second, givenMs: 10 * second },
    });
  });
});
