// A grant that is made by a rule, and one that prolongs another (src/keeper/grants/issue.ts, extension-window.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { minute, second } from '../../../src/core/time.ts';
import { grantByRule, settle } from '../../../src/keeper/grants/settle.ts';
import { ask, began, bob, carol, codeOf, events, granted, lineOf, openWorld, post, sessionNow } from './world.ts';
import type { World, WorldOptions } from './world.ts';

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

describe('a rule of the policy in the place of people', () => {
  const approval = { counted: 0, by: [], rules: ['auto'], durationMs: minute, auto: { name: 'ticket', why: 'CHG-1' } };

  test('grants at once, and the record says which rule and why', async () => {
    const asked = await ask(world);
    const grant = await grantByRule(world.deps, asked, sessionNow(world), approval);
    expect(grant).toMatchObject({ auto: 'ticket', approvers: [], end: began + minute });
    expect(lineOf(world, 'granted')).toMatchObject({ auto: 'ticket', why: 'CHG-1', rules: ['auto'] });
    expect(world.notices).toMatchObject([{ event: 'granted', auto: 'ticket' }]);
    expect(live()).toEqual(['K7QF00']);
  });

  test('is outrun by one denial', async () => {
    const asked = await ask(world);
    await post(world, asked, bob, { verdict: 'deny' });
    expect(await grantByRule(world.deps, asked, sessionNow(world), approval)).toBeUndefined();
    expect([inStore(), live(), pendingOf()]).toEqual([0, [], 'denied']);
  });

  test('whose request changed and is not answered is over for good', async () => {
    const asked = await ask(world);
    await post(world, asked, carol, { groups: ['interns'] });
    expect(await codeOf(grantByRule(world.deps, asked, sessionNow(world), approval))).toBe('GRANT_OVER');
    expect(live()).toEqual([]);
    await post(world, asked, bob);
    expect(await settle(world.deps, asked.facts.id)).toBe('over');
  });
});

describe('an extension', () => {
  const more = { extends: { grant: 'G0', until: began + 20 * minute }, durationMs: 15 * minute };

  test('goes on from the end of what it prolongs, and both records are there', async () => {
    await granted(world);
    const asked = await ask(world, more);
    await post(world, asked, bob);
    expect(await settle(world.deps, asked.facts.id)).toBe('approved');
    const grant = world.deps.liveGrants.all().find((one) => one.grant.request === 'K7QF00')?.grant;
    expect(grant).toMatchObject({ extends: 'G0', start: began, end: began + 35 * minute });
    expect(lineOf(world, 'extended')).toMatchObject({ extends: 'G0', request: 'K7QF00' });
    expect(world.notices).toMatchObject([{ event: 'extended', extends: 'G0' }]);
  });

  test('never lies further from now than the longest window', async () => {
    await granted(world, { end: began + 50 * minute });
    const asked = await ask(world, more);
    await post(world, asked, bob);
    await settle(world.deps, asked.facts.id);
    expect(world.deps.liveGrants.all().at(-1)?.grant.end).toBe(began + 60 * minute);
  });

  test('of a grant that is revoked while it is on its way is dropped, buried, and lapses', async () => {
    let revoke = (): void => undefined;
    open({
      pause: async (step) => {
        if (step === 'store.grant done') revoke();
        return Promise.resolve();
      },
    });
    await granted(world);
    const asked = await ask(world, more);
    await post(world, asked, bob);
    revoke = () => world.deps.liveGrants.remove('G0', 'revoked', 'by bob');
    expect(await settle(world.deps, asked.facts.id)).toBe('lapsed');
    const id = lineOf(world, 'granted')?.['grant'];
    const made = world.journal.lines.find(({ request }) => request === 'K7QF00')?.['grant'];
    expect([id, world.tombstones.has(String(made))]).toEqual(['G0', true]);
    expect([live(), [...world.store.grants.keys()]]).toEqual([[], ['prod-box:prod-db:alice:G0']]);
    expect(lineOf(world, 'lapsed')).toMatchObject({ code: 'EXTENSION_LATE' });
    expect(lineOf(world, 'grant-dropped')).toMatchObject({ why: 'what it was to extend ended meanwhile' });
  });

  test('whose grant ends between the judgement and the window is counted again and lapses', async () => {
    let end = (): void => undefined;
    open({
      pause: async (step) => {
        if (step === 'store.skew') end();
        return Promise.resolve();
      },
    });
    await granted(world, { end: began + 20 * second });
    const asked = await ask(world, more);
    await post(world, asked, bob);
    end = () => world.deps.liveGrants.remove('G0', 'withdrawn', '');
    expect(await settle(world.deps, asked.facts.id)).toBe('lapsed');
    expect(live()).toEqual([]);
    expect(events(world)).not.toContain('extended');
  });
});
