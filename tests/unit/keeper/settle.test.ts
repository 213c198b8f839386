// From reviews to a grant on the request's own host (src/keeper/grants/settle.ts, outdated.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { grantShape } from '../../../src/core/grant.ts';
import { minute } from '../../../src/core/time.ts';
import { take } from '../../../src/keeper/grants/review.ts';
import { denyHere, settle } from '../../../src/keeper/grants/settle.ts';
import {
  alice,
  ask,
  began,
  bob,
  carol,
  codeOf,
  configOf,
  dave,
  events,
  host,
  lineOf,
  one,
  openWorld,
  post,
  reviewOf,
  type World,
  type WorldOptions,
} from './world.ts';

let world: World;
const open = (options?: WorldOptions): World => (world = openWorld(options));
const pendingOf = (id = 'K7QF00'): string | undefined => world.store.requests.get(id)?.state;
const live = (): readonly string[] => world.deps.liveGrants.all().map(({ grant }) => grant.request);
const inStore = (): number => world.store.grants.size;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  open();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('two people: one asks, another approves', () => {
  test('whoever waits for the answer is told by whom and why, and the grant is live', async () => {
    const asked = await ask(world);
    const answer = world.deps.pendingAnswers.of(asked.facts, new AbortController().signal);
    expect(await settle(world.deps, asked.facts.id)).toBe('pending');
    const { made, jws } = reviewOf(asked, bob, { reason: 'go on' });
    expect(await take({ ...world.deps }, asked, made, jws)).toBe('approved');
    expect(await answer).toEqual({
      state: 'approved',
      said: ['  Approved by bob (bob@example.com).', '  bob: go on'],
    });
    expect(live()).toEqual(['K7QF00']);
    expect(pendingOf()).toBe('approved');
    expect(world.tombstones.has('request:K7QF00')).toBe(true);
    expect(world.notices.map(({ event, by }) => [event, by])).toEqual([['granted', 'bob (bob@example.com)']]);
  });

  test('the grant is signed by this host for this very request, and ends by what was approved', async () => {
    const asked = await ask(world, { mode: 'view' });
    await post(world, asked, bob, { durationMs: 10 * minute });
    await settle(world.deps, asked.facts.id);
    const [entry] = await world.store.live({ host, session: 'prod-db', login: 'alice' });
    const read = await world.deps.keys.verify(entry!.jws, 'grant', grantShape, host);
    expect(read?.value).toMatchObject({
      ...{ request: 'K7QF00', digest: asked.digest, who: alice, approvers: [bob], mode: 'view' },
      ...{ start: began, end: began + 10 * minute, terms: 'dba shared none' },
    });
    expect(world.deps.pendingAnswers.given('K7QF00')).toMatchObject({
      said: ['  Approved by bob (bob@example.com).', '  Shortened to 10m; you asked for 30m.'],
    });
  });

  test('law 7: the record of a grant and its tombstone are there before it is in the store', async () => {
    const before: unknown[] = [];
    open({
      pause: async (step) => {
        if (step === 'store.grant') before.push(...events(world), world.tombstones.has('request:K7QF00'));
        return Promise.resolve();
      },
    });
    const asked = await ask(world);
    await post(world, asked, bob);
    await settle(world.deps, asked.facts.id);
    expect(before).toEqual(['granted', true]);
    expect(lineOf(world, 'granted')).toMatchObject({
      window: '30m',
      rules: ['sessions.prod-db.approvers.groups: oncall'],
    });
    expect(world.deps.outbox.all().map(({ event }) => event)).toEqual(['grant-ended']);
  });

  test('law 7: with a journal that takes nothing there is no grant', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    world.journal.full = true;
    expect(await codeOf(settle(world.deps, asked.facts.id))).toBe('JOURNAL_DOWN');
    expect([inStore(), live().length, pendingOf()]).toEqual([0, 0, 'pending']);
    expect(world.deps.outbox.all()).toEqual([]);
  });

  test('with tombstones that cannot be written there is no grant', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    world.tombstones.full = true;
    expect(await codeOf(settle(world.deps, asked.facts.id))).toBe('DISK_DOWN');
    expect([inStore(), live().length]).toEqual([0, 0]);
  });

  test('where Redis and this host differ in the time by more than five seconds nothing is granted', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    for (const skew of [5_001, -5_001]) {
      world.store.skewMs = skew;
      expect(await codeOf(settle(world.deps, asked.facts.id))).toBe('CLOCK_SKEW');
    }
    expect([inStore(), events(world)]).toEqual([0, []]);
    world.store.skewMs = -5_000;
    expect(await settle(world.deps, asked.facts.id)).toBe('approved');
  });

  test('an approved request is counted again without a second grant', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await settle(world.deps, asked.facts.id);
    expect(await settle(world.deps, asked.facts.id)).toBe('approved');
    expect([inStore(), events(world)]).toEqual([1, ['granted']]);
  });
});

describe('N of M', () => {
  beforeEach(() => void open({ config: configOf({ approvers: { ...one.approvers, count: 2 } }) }));

  test('one of two is not enough, two are', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    expect(await settle(world.deps, asked.facts.id)).toBe('pending');
    await post(world, asked, carol);
    expect(await settle(world.deps, asked.facts.id)).toBe('approved');
    expect(world.deps.liveGrants.all()[0]?.grant.approvers).toEqual([bob, carol]);
  });

  test('the same person twice is one', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await post(world, asked, { ...bob, login: 'bob2' }, { reason: 'again' });
    expect(await settle(world.deps, asked.facts.id)).toBe('pending');
  });

  test('the requester, a stranger and a review that a foreign host signed do not count', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await post(world, asked, alice);
    await post(world, asked, carol, { groups: ['interns'] });
    await post(world, asked, dave, { host: 'nowhere' });
    await post(world, { ...asked, digest: 'b'.repeat(64) }, dave);
    expect(await settle(world.deps, asked.facts.id)).toBe('pending');
    expect(live()).toEqual([]);
  });

  test('who is on call when it is counted counts, and is named by that rule', async () => {
    open({ config: configOf({ approvers: { groups: [], onCall: ['primary'], count: 1, byLink: false } }) });
    const asked = await ask(world);
    await post(world, asked, bob);
    expect(await settle(world.deps, asked.facts.id)).toBe('pending');
    world.onDuty.set('primary', ['bob']);
    expect(await settle(world.deps, asked.facts.id)).toBe('approved');
    expect(lineOf(world, 'granted')?.['rules']).toEqual(['sessions.prod-db.approvers.on_call: primary']);
  });
});

describe('a denial', () => {
  test('ends the request, and whoever waits is told by whom and why', async () => {
    const asked = await ask(world);
    const answer = world.deps.pendingAnswers.of(asked.facts, new AbortController().signal);
    const { made, jws } = reviewOf(asked, bob, { verdict: 'deny', reason: 'not today' });
    expect(await take(world.deps, asked, made, jws)).toBe('denied');
    expect(await answer).toEqual({ state: 'denied', by: 'bob (bob@example.com)', reason: 'not today' });
    expect([events(world), pendingOf()]).toEqual([['denied'], 'denied']);
  });

  test('outruns approvals that are there, also when it came last', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await post(world, asked, carol, { verdict: 'deny' });
    expect(await settle(world.deps, asked.facts.id)).toBe('denied');
    expect([inStore(), live()]).toEqual([0, []]);
  });

  test.each([
    ['count and record', 'sign grant', []],
    ['record and grant', 'journal granted', ['granted', 'grant-dropped']],
  ])('that comes in between %s is not outrun', async (_, at, before) => {
    let late: (() => Promise<void>) | undefined;
    open({ pause: async (step) => (step === at ? late?.() : undefined) });
    const asked = await ask(world);
    await post(world, asked, bob);
    late = async () => {
      late = undefined;
      await post(world, asked, carol, { verdict: 'deny' });
    };
    expect(await settle(world.deps, asked.facts.id)).toBe('denied');
    expect([inStore(), live()]).toEqual([0, []]);
    expect(events(world)).toEqual([...before, 'denied']);
    expect(world.deps.outbox.all()).toEqual([]);
  });

  test('made here holds while Redis does not answer, and is not in the store then', async () => {
    const asked = await ask(world);
    await post(world, asked, carol);
    world.store.down = true;
    expect(await denyHere(world.deps, asked, reviewOf(asked, bob, { verdict: 'deny' }).made)).toBe('denied');
    world.store.down = false;
    expect(pendingOf()).toBe('pending');
    expect(world.deps.log.said.map(({ event }) => event)).toEqual(['denial-not-in-store']);
    expect(await settle(world.deps, asked.facts.id)).toBe('over');
    expect(live()).toEqual([]);
  });

  test('of what is answered already changes nothing', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await settle(world.deps, asked.facts.id);
    expect(await denyHere(world.deps, asked, reviewOf(asked, carol, { verdict: 'deny' }).made)).toBe('over');
    expect([events(world), live()]).toEqual([['granted'], ['K7QF00']]);
  });
});

describe('a request is answered once', () => {
  test('set back to pending in Redis it grants nothing, also after its grant was revoked', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    await settle(world.deps, asked.facts.id);
    world.deps.liveGrants.remove(world.deps.liveGrants.all()[0]!.grant.id, 'revoked', '');
    world.store.grants.clear();
    world.store.requests.get('K7QF00')!.state = 'pending';
    expect(await settle(world.deps, asked.facts.id)).toBe('over');
    expect([inStore(), live()]).toEqual([0, []]);
    expect(events(world).filter((event) => event === 'granted')).toHaveLength(1);
  });

  test('denied and set back to pending it stays denied, and the denial is written once', async () => {
    const asked = await ask(world);
    await post(world, asked, bob, { verdict: 'deny' });
    await settle(world.deps, asked.facts.id);
    world.store.requests.get('K7QF00')!.state = 'pending';
    expect(await settle(world.deps, asked.facts.id)).toBe('over');
    world.store.requests.get('K7QF00')!.state = 'denied';
    expect(await settle(world.deps, asked.facts.id)).toBe('denied');
    expect(events(world)).toEqual(['denied']);
  });

  test('called approved by Redis alone it grants nothing', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    world.store.requests.get('K7QF00')!.state = 'approved';
    expect(await settle(world.deps, asked.facts.id)).toBe('over');
    expect(live()).toEqual([]);
  });

  test('lapsed stays lapsed', async () => {
    const asked = await ask(world);
    await post(world, asked, bob);
    world.store.requests.get('K7QF00')!.state = 'lapsed';
    expect(await settle(world.deps, asked.facts.id)).toBe('lapsed');
  });

  test('unknown, of another host, of a session without a policy or past its time it is over', async () => {
    expect(await settle(world.deps, 'NONE')).toBe('over');
    const there = await ask(world, { id: 'R2', host: 'peer-box' });
    await post(world, there, bob);
    const unknown = await ask(world, { id: 'R3', session: 'gone' });
    await post(world, unknown, bob);
    const late = await ask(world, { id: 'R4', answerBy: began });
    await post(world, late, bob);
    for (const id of ['R2', 'R3', 'R4']) expect(await settle(world.deps, id)).toBe('over');
    expect(live()).toEqual([]);
  });

  test.each([
    ['count', 'sign grant', 0],
    ['record', 'journal granted', 16],
  ])(
    'counting ends: who adds a field after each %s gets no grant, and a bounded number of records',
    async (_, at, most) => {
      let added = 0;
      open({
        pause: async (step) => {
          if (step === at) world.store.requests.get('K7QF00')!.reviews.set(`forged ${(added += 1)}`, 'forged');
          return Promise.resolve();
        },
      });
      const asked = await ask(world);
      await post(world, asked, bob);
      expect(await settle(world.deps, asked.facts.id)).toBe('over');
      expect([added, inStore(), live()]).toEqual([8, 0, []]);
      expect(events(world)).toHaveLength(most);
    },
  );
});
