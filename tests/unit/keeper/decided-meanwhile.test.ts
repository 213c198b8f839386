// A policy that is taken while something is decided: the decision is made again by the policy of now (src/keeper/grants/settle.ts rule 10,
// visit/still-asked.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { SessionPolicy } from '../../../src/core/policy-types.ts';
import { minute } from '../../../src/core/time.ts';
import type { Context } from '../../../src/keeper/context.ts';
import { grantByRule, settle } from '../../../src/keeper/grants/settle.ts';
import type { AttachPlan } from '../../../src/keeper/visit/decide.ts';
import { checkStillAsked } from '../../../src/keeper/visit/still-asked.ts';
import {
  alice,
  ask,
  began,
  bob,
  codeOf,
  configOf,
  loadedAs,
  openWorld,
  post,
  sessionNow,
  type World,
} from './world.ts';

let world: World;
beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('settle, rule 10: a policy that comes while an approval is counted', () => {
  const noApprover = configOf({ approvers: { groups: ['leads'], count: 1, byLink: false } });

  test.each(['the on-call source is asked', 'the provider is asked'])('while %s: it is counted again', async (when) => {
    const asked = await ask(world);
    await post(world, asked, bob);
    let isFirst = true;
    const once = async (): Promise<void> => {
      if (isFirst) world.deps.policy.take(loadedAs(noApprover));
      isFirst = false;
      return Promise.resolve();
    };
    const { onCall, rechecks } = world.deps;
    const deps = {
      ...world.deps,
      ...(when === 'the provider is asked'
        ? { rechecks: { groupsOf: async (who: never) => once().then(async () => rechecks.groupsOf(who)) } }
        : { onCall: { duty: async (names?: readonly string[]) => once().then(async () => onCall.duty(names)) } }),
    };
    expect(await settle(deps, asked.facts.id)).toBe('pending');
    expect(world.deps.liveGrants.all()).toEqual([]);
  });

  test('a rule that was taken out of it approves nothing', async () => {
    const asked = await ask(world);
    const before = sessionNow(world);
    world.deps.policy.take(loadedAs(noApprover));
    const approval = { counted: 0, by: [], rules: [], durationMs: minute, auto: { name: 'ticket' } };
    expect(await grantByRule(world.deps, asked, before, approval)).toBeUndefined();
    expect(world.deps.liveGrants.all()).toEqual([]);
  });
});

describe('the last look before a request is posted', () => {
  const codeAfter = async (change: Partial<SessionPolicy>): Promise<string> => {
    const policy = sessionNow(world);
    const plan = { policy, mode: 'type' } as AttachPlan;
    const who = { ...alice, groups: ['engineers'] } as never;
    const { facts } = await ask(world);
    world.deps.policy.take(loadedAs(configOf(change)));
    const look = (): void => checkStillAsked(world.deps as unknown as Context, who, plan, facts);
    return codeOf(Promise.resolve().then(look));
  };

  test.each<[string, Partial<SessionPolicy>, string]>([
    ['nothing of the session changed', {}, 'not refused'],
    ['what changed does not matter to it', { record: 'output+input' }, 'not refused'],
    ['the group may no longer ask', { who: ['others'] }, 'NOT_ALLOWED'],
    ['the time is too long now', { window: { defaultMs: minute, maxMs: minute } }, 'WINDOW_TOO_LONG'],
    ['the reason does not fit any more', { reason: { pattern: '^CHG-' } }, 'BAD_REASON'],
    ['it would run as somebody else', { runAs: 'dbb' }, 'CHANGED_MEANWHILE'],
    ['it is only viewed now', { mode: 'view' }, 'CHANGED_MEANWHILE'],
  ])('%s', async (_, change, code) => {
    expect(await codeAfter(change)).toBe(code);
  });
});
