// What a lock closes to whom, and whose rows somebody sees (src/keeper/identity/check-lock.ts, visible.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Identity } from '../../../src/core/identity.ts';
import type { Person } from '../../../src/core/request.ts';
import { signInOf } from '../../../src/core/sign-in.ts';
import type { Connection } from '../../../src/keeper/connections/connection.ts';
import { checkLock, checkLockPolicy, checkOwnLock } from '../../../src/keeper/identity/check-lock.ts';
import { connectionsFor, grantsFor, mayTouch, requestsFor } from '../../../src/keeper/identity/visible.ts';
import type { Visitor } from '../../../src/keeper/identity/visitor.ts';
import { alice, ask, began, bob, carol, codeOf, granted, host, openWorld, type World } from './world.ts';

let world: World;
const visitor = { login: 'alice', uid: 1001, address: '', fingerprint: '', local: false } as Visitor;
const root: Visitor = { ...visitor, login: 'root', uid: 0, local: true };
const identityOf = (who: Person, groups: readonly string[]): Identity =>
  ({ ...who, groups, issuedAt: began }) as unknown as Identity;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  world = openWorld();
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('law 5: what a lock closes', () => {
  const lock = async (target: string): Promise<unknown> =>
    world.deps.locks.take({ lock: { target, number: 1, locked: true, by: 'bob', reason: '', at: began }, jws: '' });
  const closed = async (who: Visitor, verb: Parameters<typeof checkLockPolicy>[2]): Promise<string> =>
    codeOf(Promise.resolve().then(() => checkLockPolicy(world.deps, who, verb)));

  test('of one login closes every verb to it but help, and nothing to root or to others', async () => {
    await lock('alice');
    for (const verb of ['attach', 'approve', 'extend', 'break-glass', 'requests', 'revoke'] as const)
      expect(await closed(visitor, verb)).toBe('LOCKED');
    expect(await closed(visitor, 'help')).toBe('not refused');
    expect(await closed(root, 'attach')).toBe('not refused');
    expect(await closed({ ...visitor, login: 'bob' }, 'attach')).toBe('not refused');
    expect(() => checkOwnLock(world.deps, root)).not.toThrow();
  });

  test('of everyone closes what opens, and leaves the rest to those who sort it out', async () => {
    await lock('*');
    for (const verb of ['attach', 'approve', 'extend', 'break-glass'] as const)
      expect(await closed(visitor, verb)).toBe('LOCKED');
    for (const verb of ['requests', 'revoke', 'deny'] as const) expect(await closed(visitor, verb)).toBe('not refused');
    expect(() => checkLock(world.deps, 'bob')).toThrow('LOCKED');
  });
});

describe('whose rows somebody sees', () => {
  const none = { named: new Map(), rule: { claim: 'email', stripDomain: 'example.com' } };
  const actor = (who: Person, groups: readonly string[]) => ({
    person: signInOf(identityOf(who, groups), { login: who.login, host, fingerprint: '', at: 0, until: 0 }),
    ...{ name: who.login, duty: none },
  });
  const rootActor = { person: undefined, name: 'root', duty: none };

  test('root all, an approver of the session its rows, everyone their own, and nobody those of an unknown session', () => {
    expect(mayTouch(world.deps, rootActor, 'gone', alice)).toBe(true);
    expect(mayTouch(world.deps, actor(alice, []), 'prod-db', alice)).toBe(true);
    expect(mayTouch(world.deps, actor(bob, ['oncall']), 'prod-db', alice)).toBe(true);
    expect(mayTouch(world.deps, actor(bob, ['engineers']), 'prod-db', alice)).toBe(false);
    expect(mayTouch(world.deps, actor(bob, ['oncall']), 'gone', alice)).toBe(false);
  });

  test('of another host’s requests those whom this policy names, and their own', async () => {
    const there = await ask(world, { id: 'R2', host: 'peer-box', session: 'gone' });
    const mine = await ask(world);
    const seen = (who: Parameters<typeof requestsFor>[1]) =>
      requestsFor(world.deps, who, [there, mine]).map((r) => r.facts.id);
    expect(seen(rootActor)).toEqual(['R2', 'K7QF00']);
    expect(seen(actor(bob, ['oncall']))).toEqual(['R2', 'K7QF00']);
    expect(seen(actor(carol, ['engineers']))).toEqual(['R2']);
    expect(seen(actor(carol, ['interns']))).toEqual([]);
    expect(seen(actor(alice, ['interns']))).toEqual(['R2', 'K7QF00']);
  });

  test('the same of grants and connections', async () => {
    const grant = await granted(world);
    const live = [{ grant, keyEnd: grant.end }];
    world.deps.connections.add({ state: { id: 'C1', session: 'prod-db', who: alice } } as unknown as Connection);
    const seen = (who: Parameters<typeof grantsFor>[1]) => [
      grantsFor(world.deps, who, live),
      connectionsFor(world.deps, who),
    ];
    expect(seen(actor(carol, ['engineers']))).toEqual([[], []]);
    expect(seen(actor(bob, ['oncall'])).map(({ length }) => length)).toEqual([1, 1]);
    // An auditor sees the connection, which they may follow, and nothing that they could end.
    const [name, policy] = Object.entries(world.deps.config.sessions)[0]!;
    const sessions = { [name]: { ...policy, auditors: { groups: ['audit'] } } };
    const audited = { ...world.deps, config: { ...world.deps.config, sessions } };
    expect(connectionsFor(audited, actor(carol, ['audit']))).toHaveLength(1);
    expect(grantsFor(audited, actor(carol, ['audit']), live)).toEqual([]);
    expect(mayTouch(audited, actor(carol, ['audit']), name, alice)).toBe(false);
  });
});
