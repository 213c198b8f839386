// A review that was made: who may make it, and how it is posted (src/keeper/grants/review.ts, reassert.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Identity } from '../../../src/core/identity.ts';
import type { Person } from '../../../src/core/request.ts';
import { minute } from '../../../src/core/time.ts';
import { approversOf, checkReviewer, take } from '../../../src/keeper/grants/review.ts';
import { readRequest } from '../../../src/keeper/grants/read-request.ts';
import { signedBy } from './fakes.ts';
import { alice, ask, began, bob, carol, codeOf, configOf, openWorld, post, reviewOf, type World } from './world.ts';

let world: World;
const identityOf = (who: Person, groups: readonly string[] = ['oncall']): Identity =>
  ({ ...who, groups, issuedAt: began }) as unknown as Identity;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('who may review', () => {
  test('law 3: nobody their own request, by subject or by login', async () => {
    const asked = await ask(world);
    for (const own of [alice, { ...alice, login: 'alice2' }, { ...bob, login: 'alice' }]) {
      const { made } = reviewOf(asked, own);
      expect(await codeOf(checkReviewer(world.deps, asked, made, identityOf(own)))).toBe('SELF_REVIEW');
    }
  });

  test('an approver of the session, who is told by which rule', async () => {
    const asked = await ask(world);
    const { made } = reviewOf(asked, bob);
    const rule = await checkReviewer(world.deps, asked, made, identityOf(bob));
    expect(rule).toBe('sessions.prod-db.approvers.groups: oncall');
  });

  test('nobody else, and nobody for a session without a policy', async () => {
    const asked = await ask(world);
    const { made } = reviewOf(asked, bob);
    expect(await codeOf(checkReviewer(world.deps, asked, made, identityOf(bob, ['interns'])))).toBe('NOT_APPROVER');
    const unknown = await ask(world, { id: 'R2', session: 'gone' });
    expect(await codeOf(checkReviewer(world.deps, unknown, made, identityOf(bob)))).toBe('NOT_APPROVER');
  });

  test('nobody twice: their own signed review says so, and not a field that somebody filled in', async () => {
    const asked = await ask(world);
    const { made } = reviewOf(asked, bob, { verdict: 'deny' });
    const check = async (): Promise<string> => {
      const entry = await world.store.find(asked.facts.id);
      const read = await readRequest(world.deps, entry!);
      return codeOf(checkReviewer(world.deps, read!, made, identityOf(bob)));
    };
    await post(world, { ...asked, digest: 'b'.repeat(64) }, bob); // genuine, of another request
    await post(world, asked, bob, { host: 'nowhere' });
    world.store.requests.get(asked.facts.id)!.reviews.set('x', 'no signature');
    expect(await check()).toBe('not refused');
    await post(world, asked, bob);
    expect(await check()).toBe('ALREADY_REVIEWED');
  });

  test('of another host’s session that host judges: there is no rule here', async () => {
    const there = await ask(world, { host: 'peer-box' });
    const { made } = reviewOf(there, bob);
    expect(await checkReviewer(world.deps, there, made, identityOf(bob, []))).toBeUndefined();
  });

  test('is said by groups and by who is on call, and of an unknown session by its host', async () => {
    world = openWorld({
      config: configOf({ approvers: { groups: ['leads'], onCall: ['primary'], count: 1, byLink: false } }),
    });
    world.onDuty.set('primary', ['carol']);
    expect(await approversOf(world.deps, await ask(world))).toBe('leads, or whoever is on call (primary: carol)');
    const unknown = await ask(world, { id: 'R2', session: 'gone' });
    expect(await approversOf(world.deps, unknown)).toBe('an approver of its host');
  });
});

describe('law 8: what is read from the store', () => {
  const readOf = async (jws: string, id = 'K7QF00') =>
    readRequest(world.deps, {
      id,
      jws,
      state: 'pending',
      reviews: [...world.store.requests.get('K7QF00')!.reviews.values()],
    });

  test('is a request only as its own host signed it, under its own id, before its time is over', async () => {
    const { facts, jws } = await ask(world);
    expect((await readOf(jws))?.facts).toEqual(facts);
    expect(await readOf(signedBy('peer-box', 'request', facts))).toBeUndefined();
    expect(await readOf(signedBy('nowhere', 'request', facts))).toBeUndefined();
    expect(await readOf(jws, 'R2')).toBeUndefined();
    jest.setSystemTime(facts.answerBy);
    expect(await readOf(jws)).toBeUndefined();
  });

  test('is a review only as the host that it names signed it', async () => {
    const asked = await ask(world);
    const { made, jws } = reviewOf(asked, bob, { host: 'peer-box' });
    for (const by of ['prod-box', 'nowhere'])
      await world.store.review('K7QF00', { name: by, jws: signedBy(by, 'review', made), host: 'prod-box' });
    expect((await readOf(asked.jws))?.reviews).toEqual([]);
    await world.store.review('K7QF00', { name: 'peer-box', jws, host: 'prod-box' });
    expect((await readOf(asked.jws))?.reviews).toEqual([made]);
  });
});

describe('a review that is posted', () => {
  test('of a request that is not there, or is answered by now, is refused', async () => {
    const asked = await ask(world);
    const { made, jws } = reviewOf(asked, bob);
    world.store.requests.get(asked.facts.id)!.state = 'withdrawn';
    expect(await codeOf(take(world.deps, asked, made, jws))).toBe('REQUEST_OVER');
    world.store.requests.clear();
    expect(await codeOf(take(world.deps, asked, made, jws))).toBe('NO_SUCH_REQUEST');
  });

  test('of two approvals at once one makes the grant, and the other finds it made', async () => {
    const asked = await ask(world);
    const [first, second] = [reviewOf(asked, bob), reviewOf(asked, carol)];
    const both = await Promise.all([
      take(world.deps, asked, first.made, first.jws),
      take(world.deps, asked, second.made, second.jws),
    ]);
    expect(both).toEqual(['approved', 'approved']);
    expect(world.deps.liveGrants.all()).toHaveLength(1);
    expect(world.journal.lines.filter(({ event }) => event === 'granted')).toHaveLength(1);
  });

  test('of another host decides nothing here', async () => {
    const there = await ask(world, { host: 'peer-box' });
    const { made, jws } = reviewOf(there, bob);
    expect(await take(world.deps, there, made, jws)).toBeUndefined();
    expect([world.deps.liveGrants.all(), world.journal.lines]).toEqual([[], []]);
    world.store.requests.get(there.facts.id)!.reviews.clear();
    await world.deps.reassert.turn();
    expect(world.store.requests.get(there.facts.id)!.reviews.size).toBe(0);
  });

  test('a denial of another host’s request is said again while it is missing, until its time is over', async () => {
    const there = await ask(world, { host: 'peer-box' });
    const { made, jws } = reviewOf(there, bob, { verdict: 'deny' });
    await take(world.deps, there, made, jws);
    const { reviews } = world.store.requests.get(there.facts.id)!;
    reviews.clear();
    await world.deps.reassert.turn();
    expect([...reviews.values()]).toEqual([jws]);
    world.store.down = true;
    await world.deps.reassert.turn();
    expect(world.deps.log.said.map(({ event }) => event)).toEqual(['not-said-again']);
    world.store.down = false;
    reviews.clear();
    jest.setSystemTime(began + 30 * minute);
    await world.deps.reassert.turn();
    expect(reviews.size).toBe(0);
  });
});
