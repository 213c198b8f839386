// A policy that is taken while somebody is let in (src/keeper/visit/admit.ts rule 5, sessions/sessions.ts rule 6, grants/live-grants.ts rule 4).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CgroupHandle } from '../../../src/adapters/cgroup-handle.ts';
import type { SessionPolicy } from '../../../src/core/policy-types.ts';
import type { SignIn } from '../../../src/core/sign-in.ts';
import { termsOf } from '../../../src/core/terms.ts';
import { minute } from '../../../src/core/time.ts';
import type { Context } from '../../../src/keeper/context.ts';
import type { Conversation } from '../../../src/keeper/conversation.ts';
import { governingGrant } from '../../../src/keeper/connections/governing-grant.ts';
import type { Session } from '../../../src/keeper/sessions/session.ts';
import { openSessions } from '../../../src/keeper/sessions/sessions.ts';
import { admit } from '../../../src/keeper/visit/admit.ts';
import type { AttachPlan } from '../../../src/keeper/visit/decide.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import { alice, began, bob, codeOf, configOf, events, granted, lineOf, loadedAs, one, openWorld } from './world.ts';
import { sessionNow, type World } from './world.ts';

let root: string;
let world: World;
let takeAt: string;
let taken: Partial<SessionPolicy>;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  root = mkdtempSync(join(tmpdir(), 'admitted-'));
  [takeAt, taken] = ['', {}];
  const pause = async (step: string): Promise<void> => {
    if (step === takeAt) world.deps.policy.take(loadedAs(configOf(taken)));
    takeAt = step === takeAt ? '' : takeAt;
    return Promise.resolve();
  };
  world = openWorld({ root, pause });
  for (const folder of [world.deps.layout.connections, world.deps.layout.recordings, world.deps.layout.sessions])
    mkdirSync(folder, { recursive: true });
});
afterEach(() => {
  world.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 });
  jest.useRealTimers();
});

const cgroup = (ended: string[], name: string): CgroupHandle =>
  ({
    path: `/c/${name}`,
    end: async () => Promise.resolve(void ended.push(name)).then(() => []),
    processes: async () => Promise.resolve([]),
  }) as Partial<CgroupHandle> as CgroupHandle;

describe('an admission', () => {
  /** Somebody with a live grant is let in. @returns the code, and what is left */
  async function letIn(): Promise<{ code: string; said: string[]; released: string[]; ended: string[] }> {
    const [said, released, ended]: [string[], string[], string[]] = [[], [], []];
    const grant = await granted(world, { terms: termsOf(one) });
    const live = world.deps.liveGrants.find(grant.id);
    if (live === undefined) throw new Error('no grant');
    const conversation = {
      gone: new AbortController().signal,
      note: () => undefined,
      go: () => void said.push('go'),
    } as unknown as Conversation;
    const context = {
      ...world.deps,
      cgroups: { create: async () => Promise.resolve(cgroup(ended, 'C')) },
      sessions: {
        isEnding: () => false,
        open: async () => Promise.resolve({ id: 'S1' } as Session),
        release: (_: Session, how: string) => void released.push(how),
      },
      recordings: { begin: async () => Promise.resolve() },
    } as unknown as Context;
    const plan = { policy: sessionNow(world), mode: 'type', account: { name: 'dba' } } as AttachPlan;
    const hello = { pid: process.pid };
    const visitor = { hello, login: 'alice', address: '10.0.0.7', fingerprint: 'SHA256:x' } as unknown as Visitor;
    const who = { ...alice, groups: ['engineers'] } as unknown as SignIn;
    // Without the guard it goes further than these fakes do.
    const code = await codeOf(admit(context, { conversation, visitor, who }, { plan, live })).catch(String);
    return { code, said, released, ended };
  }

  test.each(['store.live', 'journal connected', 'journal connected done'])(
    'into which another policy of the session comes (%s) leaves nothing, and no gate hears "go"',
    async (step) => {
      [takeAt, taken] = [step, { who: ['others'] }];
      const { code, said, released, ended } = await letIn();
      expect([code, said, released, ended]).toEqual(['CHANGED_MEANWHILE', [], ['refused'], ['C']]);
      expect(world.deps.connections.all()).toEqual([]);
    },
  );

  test('that begins after it does not begin', async () => {
    const plan = { policy: sessionNow(world) } as AttachPlan;
    world.deps.policy.take(loadedAs(configOf({ who: ['others'] })));
    expect(await codeOf(admit(world.deps as unknown as Context, {} as never, { plan, live: {} as never }))).toBe(
      'CHANGED_MEANWHILE',
    );
  });
});

describe('a server that was started on other terms', () => {
  test('is ended before anybody enters it', async () => {
    const ended: string[] = [];
    const { deps } = world;
    const sessions = openSessions({
      ...deps,
      sessionHomes: { clear: () => undefined, clearStrays: async () => Promise.resolve() },
      cgroups: { create: async () => Promise.reject(new Error('no cgroup here')) } as never,
    });
    const old = { name: 'prod-db', id: 'S1', account: { name: 'dba' }, privileges: 'account', kept: began };
    await sessions.adopt({ ...old, server: { cgroup: cgroup(ended, 'S1') } } as unknown as Session);
    const code = await codeOf(sessions.open(sessionNow(world), { name: 'dba' } as never, alice)).catch(String);
    expect(code).toBe('SESSION_START');
    expect([ended, sessions.all()]).toEqual([['S1'], []]);
    expect(lineOf(world, 'session-ended')).toMatchObject({ id: 'S1', why: 'its policy has changed' });
  });

  test('ends at once when it is told to, once', async () => {
    const ended: string[] = [];
    const sessions = openSessions({
      ...world.deps,
      sessionHomes: { clear: () => undefined, clearStrays: async () => Promise.resolve() },
      cgroups: {} as never,
    });
    const it = { name: 'prod-db', id: 'S1', privileges: 'none', kept: began, server: { cgroup: cgroup(ended, 'S1') } };
    await sessions.adopt(it as unknown as Session);
    await Promise.all([1, 2].map(async () => sessions.endNow(it as unknown as Session, 'its policy is gone')));
    expect([ended, sessions.all(), events(world)]).toEqual([['S1'], [], ['session-ended']]);
  });
});

describe('a grant whose session runs on other terms now', () => {
  const state = { who: alice, session: 'prod-db' } as const;

  test('keeps no connection and no session, and lengthens no other; on its terms again, it does', async () => {
    const { deps } = world;
    await granted(world, { id: 'G0', terms: termsOf(one), end: began + 60 * minute });
    deps.policy.take(loadedAs(configOf({ runAs: 'root' })));
    expect([governingGrant(deps, state), deps.liveGrants.keeps('prod-db')]).toEqual([undefined, false]);
    await granted(world, { id: 'G1', terms: 'root shared none', end: began + 5 * minute });
    expect(governingGrant(deps, state)?.grant.id).toBe('G1');
    deps.policy.take(loadedAs(configOf()));
    expect(governingGrant(deps, state)?.grant.id).toBe('G0');
  });

  test('lets no approver view under it', async () => {
    const { deps } = world;
    deps.policy.take(loadedAs(configOf({ moderated: true })));
    await granted(world, { terms: termsOf(one), approvers: [bob] });
    const approves = ['sessions.prod-db.approvers.groups: oncall'];
    const viewer = { who: bob, session: 'prod-db', mode: 'view', as: 'approver', approves } as const;
    expect(governingGrant(deps, viewer)?.grant.id).toBe('G0');
    deps.policy.take(loadedAs(configOf({ moderated: true, privileges: 'account' })));
    expect(governingGrant(deps, viewer)).toBeUndefined();
  });
});
