// Who is on call, as the sources of the policy say it (src/keeper/identity/on-call.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Source } from '../../../src/adapters/hooks/hook.ts';
import { hour, minute } from '../../../src/core/time.ts';
import { approverBy, approverLine, openOnCall } from '../../../src/keeper/identity/on-call.ts';
import { began, one, openWorld, type World } from './world.ts';

let world: World;
beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('who is on call', () => {
  let asked: number;
  let people: readonly string[] | undefined;
  let other: Source['people'];
  const source = (cacheMs?: number): Source => ({
    ...(cacheMs === undefined ? {} : { cacheMs }),
    people: async () => {
      asked += 1;
      return people === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(people);
    },
  });
  let sources: Map<string, Source>;
  const open = (cacheMs?: number) => {
    sources = new Map([
      ['primary', source(cacheMs)],
      ['second', { people: async (now) => other(now) }],
    ]);
    return openOnCall(world.deps, () => sources);
  };
  const named = async (onCall: ReturnType<typeof open>, ...names: string[]) => [...(await onCall.duty(names)).named];
  beforeEach(() => {
    [asked, people, other] = [0, ['bob'], async () => Promise.resolve(['carol'])];
  });

  test('is asked of the sources that are named, of all when none is, and an unknown one names nobody', async () => {
    const onCall = open();
    expect([...(await onCall.duty()).named.keys()]).toEqual(['primary', 'second']);
    expect(await named(onCall, 'second', 'second', 'unknown')).toEqual([['second', ['carol']]]);
    expect((await onCall.duty([])).named.size).toBe(0);
  });

  test('an answer holds for its cache’s life and not a moment longer', async () => {
    const onCall = open(minute);
    await named(onCall, 'primary');
    people = ['dave'];
    jest.setSystemTime(began + minute - 1);
    expect(await named(onCall, 'primary')).toEqual([['primary', ['bob']]]);
    jest.setSystemTime(began + minute);
    expect(await named(onCall, 'primary')).toEqual([['primary', ['dave']]]);
    expect(asked).toBe(2);
  });

  test('a source that fails names nobody whoever it named before, is told, and is not asked again for five seconds', async () => {
    const onCall = open(minute);
    await named(onCall, 'primary');
    people = undefined;
    jest.setSystemTime(began + minute);
    expect(await named(onCall, 'primary', 'second')).toEqual([['second', ['carol']]]);
    expect(world.alarms).toEqual(['on-call source primary does not answer']);
    people = ['bob'];
    jest.setSystemTime(began + minute + 4_999);
    expect(await named(onCall, 'primary')).toEqual([]);
    jest.setSystemTime(began + minute + 5_000);
    expect(await named(onCall, 'primary')).toEqual([['primary', ['bob']]]);
  });

  test('rule 4: what a source of the policy before said, or is about to say, does not count', async () => {
    const onCall = open(hour);
    await named(onCall, 'primary');
    sources.set('primary', { people: async () => Promise.resolve(['erin']) });
    expect(await named(onCall, 'primary')).toEqual([['primary', ['erin']]]);
    const slow = Promise.withResolvers<readonly string[]>();
    sources.set('primary', { people: async () => slow.promise });
    const asking = named(onCall, 'primary');
    sources.set('primary', source());
    slow.resolve(['erin']);
    expect(await asking).toEqual([['primary', ['bob']]]);
    sources.delete('primary');
    expect(await named(onCall, 'primary')).toEqual([]);
  });

  test('without a cache it is asked each time', async () => {
    const onCall = open();
    await named(onCall, 'primary');
    await named(onCall, 'primary');
    expect(asked).toBe(2);
  });

  test('is said on a screen, and asked for a look only where a look is needed', async () => {
    const onCall = open();
    const policy = { ...one, approvers: { groups: ['leads'], onCall: ['primary'], count: 2, byLink: false } };
    expect(await approverLine({ onCall }, policy)).toBe('2 approvals from leads, or whoever is on call (primary: bob)');
    expect(await approverLine({ onCall }, one)).toBe('1 approval from oncall, leads');
    const who = { groups: [], claim: 'bob@example.com' };
    expect(await approverBy({ onCall }, policy, who)).toEqual([]);
    expect(await approverBy({ onCall }, { ...policy, moderated: true }, who)).toEqual([
      'sessions.prod-db.approvers.on_call: primary',
    ]);
  });
});
