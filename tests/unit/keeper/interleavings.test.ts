// Two transitions of one request at once, stopped at every step in both orders: what holds afterwards whoever comes first.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Grant } from '../../../src/core/grant.ts';
import { Refused } from '../../../src/core/refusal.ts';
import { minute, second } from '../../../src/core/time.ts';
import { take } from '../../../src/keeper/grants/review.ts';
import { revokeHere } from '../../../src/keeper/grants/revoke.ts';
import { grantByRule, settle } from '../../../src/keeper/grants/settle.ts';
import { enforce } from '../../../src/keeper/identity/locks.ts';
import type { Context } from '../../../src/keeper/context.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import { hearAnswer } from '../../../src/keeper/visit/ask.ts';
import { byChance, openInterleaver, switchAfter, type Choose } from './interleave.ts';
import { ask, began, bob, carol, configOf, granted, one, openWorld, post, reviewOf, sessionNow } from './world.ts';
import type { Asked, World } from './world.ts';

let worlds: World[] = [];
beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
});
afterEach(() => {
  for (const world of worlds) world.close();
  worlds = [];
  jest.useRealTimers();
});

type Transition = (world: World, asked: Asked) => Promise<unknown>;

const reviewed =
  (verdict: 'approve' | 'deny', by = bob): Transition =>
  async (world, asked) => {
    const { made, jws } = reviewOf(asked, by, { verdict });
    return take(world.deps, asked, made, jws);
  };

const leaves = {
  note: () => undefined,
  wait: async () => Promise.reject(new Refused('CANCELLED')),
} as unknown as Conversation;

const grantsOf = (world: World, request: string): readonly Grant[] =>
  world.deps.liveGrants.all().flatMap(({ grant }) => (grant.request === request ? [grant] : []));

const revoked = { by: 'carol', reason: '' };

const transitions: Readonly<Record<string, Transition>> = {
  approve: reviewed('approve'),
  'approve too': reviewed('approve', carol),
  'a rule approves': async (world, asked) => {
    const auto = { name: 'ticket' };
    const approval = { counted: 0, by: [], rules: [], durationMs: minute, auto };
    return grantByRule(world.deps, asked, sessionNow(world), approval);
  },
  deny: reviewed('deny', carol),
  'a peer’s approval is counted': async (world, asked) => {
    await post(world, asked, carol);
    return settle(world.deps, asked.facts.id);
  },
  'a peer denies': async (world, asked) => {
    await post(world, asked, carol, { verdict: 'deny' });
    return settle(world.deps, asked.facts.id);
  },
  withdraw: async ({ deps }, { facts }) => {
    const plan = { policy: one, account: { name: 'dba' }, rule: '', term: '', command: {}, mode: 'type' };
    return hearAnswer(deps as unknown as Context, leaves, plan as never, { facts });
  },
  lock: async ({ deps }) => {
    const lock = { target: 'alice', number: 1, locked: true, by: 'root', reason: '', at: began };
    return enforce(deps, { lock, jws: 'lock' });
  },
  'revoke what is there': async (world) => {
    for (const { grant } of world.deps.liveGrants.all()) await revokeHere(world.deps, grant, revoked);
  },
  expire: async () => {
    await Promise.resolve();
    jest.advanceTimersByTime(10 * second);
  },
  'the session changes': async (world, asked) => {
    const { sessions } = world.deps.config as { sessions: Record<string, unknown> };
    sessions['prod-db'] = { ...one, runAs: 'root' };
    return settle(world.deps, asked.facts.id);
  },
  'set back to pending': async (world, { facts: { id } }) => {
    await world.store.find(id);
    world.store.requests.get(id)!.state = 'pending';
    return settle(world.deps, id);
  },
};

interface Played {
  readonly world: World;
  readonly asked: Asked;
  readonly steps: readonly string[];
}

async function play(names: readonly string[], choose: Choose, more: boolean): Promise<Played> {
  jest.setSystemTime(began);
  const interleaver = openInterleaver();
  const world = openWorld({ config: configOf(), pause: interleaver.pause });
  worlds.push(world);
  if (more) await granted(world);
  const prolongs = more ? { extends: { grant: 'G0', until: began + 20 * minute }, durationMs: 10 * minute } : {};
  const asked = await ask(world, { answerBy: began + 10 * second, ...prolongs });
  world.deps.requestEnds.watch(asked.facts);
  const tasks = names.map((name) => [name, async () => transitions[name]?.(world, asked)] as const);
  const steps = await interleaver.run(Object.fromEntries(tasks), choose);
  await world.ends.finished();
  return { world, asked, steps };
}

/** What must hold; the names of what does not. */
function broken({ world, asked }: Played): readonly string[] {
  const { journal, store, tombstones, deps } = world;
  const { id } = asked.facts;
  const of = (event: string): readonly unknown[] =>
    journal.lines.filter((line) => line['event'] === event).map((line) => line['grant']);
  const [made, dropped, taken] = ['granted', 'grant-dropped', 'revoked'].map(of) as [unknown[], unknown[], unknown[]];
  const isEnd = ({ event, request, grant }: Readonly<Record<string, unknown>>): boolean =>
    request === id &&
    (['denied', 'withdrawn', 'lapsed', 'unanswered'].includes(String(event)) ||
      (event === 'granted' && !dropped.includes(grant)));
  const live = deps.liveGrants.all().map(({ grant }) => grant.id);
  const inStore = [...store.grants.values()].map(({ grantId }) => grantId);
  const answer = deps.pendingAnswers.given(id);
  const rules: Readonly<Record<string, boolean>> = {
    'a request ends once': journal.lines.filter(isEnd).length <= 1,
    'no grant is live that is buried': !live.some((grant) => tombstones.has(grant)),
    'what is live or in the store has its record': [...live, ...inStore].every((grant) => made.includes(grant)),
    'what was dropped is neither live nor in the store': ![...live, ...inStore].some((one) => dropped.includes(one)),
    'what was revoked is not live': !live.some((grant) => taken.includes(grant)),
    'what was revoked is not in the store': !inStore.some((grant) => taken.includes(grant)),
    'one grant at most of one request': grantsOf(world, id).length <= 1,
    'what is live of it was told as approved':
      grantsOf(world, id).every(({ auto }) => auto !== undefined) || answer?.state === 'approved',
    // One that nobody answered is past its time, which its signature says.
    'a request that was answered is buried':
      !journal.lines.some((line) => isEnd(line) && line['event'] !== 'unanswered') || tombstones.has(`request:${id}`),
    'who is locked holds no live grant': deps.locks.of('alice') === undefined || live.length === 0,
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

async function held(names: readonly [string, string], choose: Choose, more = false): Promise<readonly string[]> {
  const played = await play(names, choose, more);
  expect({ broken: broken(played), steps: played.steps }).toEqual({ broken: [], steps: played.steps });
  return played.steps;
}

/** Each of the two is stopped once at each of its steps, while the other goes as far as it can; then by chance. */
async function bothOrders(names: readonly [string, string], more = false): Promise<void> {
  for (const first of names) {
    for (let steps = 1; ; steps += 1) {
      const made = await held(names, switchAfter(first, steps), more);
      if (made.filter((step) => step.startsWith(`${first}: `)).length <= steps) break;
    }
  }
  for (let seed = 1; seed <= 40; seed += 1) await held(names, byChance(seed), more);
}

const all = Object.keys(transitions);
const others = all.filter((name) => name !== 'approve');

describe('an approval of a request, and at the same time', () => {
  test.each(others)(
    '%s: one end, one grant at most, each with its record, and none for whoever is locked',
    async (other) => {
      await bothOrders(['approve', other]);
    },
  );
});

describe('an approval by a rule, and at the same time', () => {
  const rule = 'a rule approves';
  test.each(all.filter((name) => name !== rule))(
    '%s: one end, one grant at most, and none for whoever is locked',
    async (other) => {
      await bothOrders([rule, other]);
    },
  );
});

describe('a denial of a request, and at the same time', () => {
  test.each([
    'withdraw',
    'the session changes',
    'set back to pending',
    'a peer’s approval is counted',
    'lock',
    'expire',
  ])('%s: one end', async (other) => bothOrders(['deny', other]));
});

describe('an extension, and at the same time', () => {
  test.each(['revoke what is there', 'lock', 'deny', 'withdraw', 'expire'])(
    '%s: nothing that has ended goes on',
    async (other) => bothOrders(['approve', other], true),
  );
});
