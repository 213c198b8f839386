// Who was here lately, and whether the provider still vouches (src/keeper/identity: recent-users, rechecks).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recheck } from '../../../src/adapters/oidc.ts';
import type { Named } from '../../../src/adapters/sudo-rule.ts';
import { signInOf, type SignIn } from '../../../src/core/sign-in.ts';
import type { Identity } from '../../../src/core/identity.ts';
import type { Person } from '../../../src/core/request.ts';
import { day, hour, minute } from '../../../src/core/time.ts';
import { openRecentUsers } from '../../../src/keeper/identity/recent-users.ts';
import { openRechecks, type Rechecks } from '../../../src/keeper/identity/rechecks.ts';
import type { Connection } from '../../../src/keeper/connections/connection.ts';
import { alice, began, bob, configOf, eventually, host, lineOf, loadedAs, openWorld, type World } from './world.ts';

let folder: string;
let world: World;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  folder = mkdtempSync(join(tmpdir(), 'people-'));
  world = openWorld();
});
afterEach(() => {
  world.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 });
  jest.useRealTimers();
});

describe('who was here lately', () => {
  const met = (login: string, groups = ['oncall']) => ({ login, claim: `${login}@example.com`, groups });
  const open = async () => openRecentUsers(at('directory'), configOf(), () => Date.now(), world.deps.log);
  const written = async (): Promise<void> => eventually(() => existsSync(at('directory')));

  test('the last seen first, each once, in the groups that the policy knows, for ninety days', async () => {
    const recent = await open();
    recent.met(met('bob', ['oncall', 'football']));
    recent.met(met('carol', ['leads']));
    recent.met(met('bob'));
    expect(recent.of(['oncall', 'leads']).map(({ login }) => login)).toEqual(['bob', 'carol']);
    expect(recent.of(['football'])).toEqual([]);
    jest.setSystemTime(began + 90 * day);
    recent.met(met('dave'));
    expect(recent.of(['oncall', 'leads']).map(({ login }) => login)).toEqual(['dave']);
    await written();
  });

  test('the latest five hundred', async () => {
    const recent = await open();
    for (let n = 0; n < 501; n += 1) recent.met(met(`u${n}`));
    expect([recent.of(['oncall']).length, recent.of(['oncall'])[0]?.login]).toEqual([500, 'u500']);
    await written();
  });

  test('a file that cannot be read is an empty one', async () => {
    writeFileSync(at('directory'), 'torn');
    expect((await open()).of(['oncall'])).toEqual([]);
    expect(world.deps.log.said.map(({ event }) => event)).toEqual(['directory-not-read']);
  });
});

describe('whether the provider still vouches', () => {
  let answers: (Recheck | Error)[];
  let tokens: string[];
  let sudo: Named;
  let ended: string[];
  let rechecks: Rechecks;
  const signIn = (who: Person): SignIn =>
    signInOf({ ...who, groups: ['engineers'], issuedAt: began } as unknown as Identity, {
      ...{ login: who.login, host, fingerprint: 'SHA256:x', at: began, until: began + 8 * hour },
    });
  const depsOf = () => {
    const attached = [alice, bob].map((who) => ({ state: { id: who.login, session: 'prod-db', who } }));
    const connections = {
      ...world.deps.connections,
      all: () => attached as unknown as Connection[],
      end: async ({ state }: Connection, { why }: { why: string }) =>
        Promise.resolve(void ended.push(`${state.who.login}: ${why}`)),
    };
    const provider = {
      recheck: async (token: string) => {
        tokens.push(token);
        const answer = answers.shift() ?? new Error('no answer is left');
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
    return { ...world.deps, connections, provider: provider as never, sudoNames: async () => Promise.resolve(sudo) };
  };
  const open = async () => (rechecks = await openRechecks(depsOf(), at('refresh'), () => Date.now()));
  const groups = async (oldest?: number) => rechecks.groupsOf(alice, oldest);
  const gone: Recheck = { state: 'gone', problem: 'disabled' };
  const alive = (refreshToken: string, change: object = {}): Recheck => ({
    ...{ state: 'alive', refreshToken, identity: { ...alice, groups: ['engineers'], ...change } },
  });
  const said = (): readonly unknown[] => world.deps.log.said.map(({ event }) => event);

  beforeEach(async () => {
    [answers, tokens, sudo, ended] = [[], [], 'yes', []];
    await open();
    await rechecks.keep(signIn(alice), 'r1');
  });
  afterEach(() => rechecks.close());

  test('what it said a moment ago is not asked again; older, it is, with the token that came last', async () => {
    expect([await groups(), tokens]).toEqual([['engineers'], []]);
    answers = [alive('r2', { groups: ['leads'] }), alive('r3')];
    expect(await groups(0)).toEqual(['leads']);
    expect(await groups(0)).toEqual(['engineers']);
    expect(tokens).toEqual(['r1', 'r2']);
    expect(readFileSync(at('refresh'), 'utf8')).toContain('r3');
  });

  test('nobody is asked about who left no token, or whose sign-in is over', async () => {
    expect(await rechecks.groupsOf(bob)).toBeUndefined();
    await rechecks.keep(signIn(bob), undefined);
    expect(await rechecks.groupsOf(bob, 0)).toEqual(['engineers']);
    jest.setSystemTime(began + 8 * hour);
    expect(await groups()).toEqual(['engineers']);
    expect(tokens).toEqual([]);
  });

  test('what it leaves out stays as it was, and is logged', async () => {
    answers = [{ state: 'alive', refreshToken: 'r2' }, alive('r3', { groups: undefined, claim: undefined })];
    expect(await groups(0)).toEqual(['engineers']);
    expect(await groups(0)).toEqual(['engineers']);
    expect(world.deps.log.said).toMatchObject([{ event: 'claims-not-refreshed', missing: ['email', 'groups'] }]);
  });

  test.each([
    ['says that they are gone', gone],
    ['answers for somebody else', alive('r2', { subject: 'other' })],
    ['names a claim of another login', alive('r2', { claim: 'mallory@example.com' })],
  ])('who is in is cut, and their sign-ins forgotten, once it %s', async (_, answer) => {
    world.store.signIns.set(`${host} alice SHA256:x`, '');
    answers = [answer];
    expect(await groups(0)).toBe('gone');
    expect(ended).toEqual(['alice: the identity provider no longer vouches for you']);
    expect(lineOf(world, 'identity-gone')).toMatchObject({ subject: 'u-alice', login: 'alice' });
    expect([world.store.signIns.size, world.tombstones.full, existsSync(at('refresh'))]).toEqual([0, false, false]);
  });

  test('they are cut also where nothing can be written', async () => {
    [world.journal.full, world.tombstones.full] = [true, true];
    answers = [{ state: 'gone', problem: 'disabled' }];
    expect(await groups(0)).toBe('gone');
    expect([ended.length, said()]).toEqual([1, ['identity-gone-unwritten', 'identity-gone-unwritten']]);
  });

  test('a refusal after an answer that was lost cuts nobody: the token is forgotten and so are the sign-ins', async () => {
    world.store.signIns.set(`${host} alice SHA256:x`, '');
    answers = [
      { state: 'unknown', problem: 'timeout', isLost: true },
      { state: 'refused', problem: 'invalid_grant' },
    ];
    expect(await groups(0)).toEqual(['engineers']);
    expect(await groups(0)).toEqual(['engineers']);
    expect([ended, world.store.signIns.size, said()]).toEqual([
      ...[[], 0, ['recheck-unanswered', 'refresh-answer-lost']],
    ]);
    await groups(0);
    expect(tokens).toEqual(['r1', 'r1']);
  });

  test('a refusal after a question that never reached it cuts them', async () => {
    answers = [
      { state: 'unknown', problem: 'refused', isLost: false },
      { state: 'refused', problem: 'invalid_grant' },
    ];
    expect([await groups(0), await groups(0)]).toEqual([['engineers'], 'gone']);
  });

  test('that a question is under way survives the keeper', async () => {
    answers = [new Error('the keeper dies')];
    await groups(0);
    expect(said()).toEqual(['recheck-failed']);
    rechecks.close();
    await open();
    answers = [{ state: 'refused', problem: 'invalid_grant' }];
    await rechecks.groupsOf(alice, 0);
    expect([ended, said().at(-1)]).toEqual([[], 'refresh-answer-lost']);
  });

  test('nobody is asked about twice at once', async () => {
    answers = [alive('r2')];
    expect(await Promise.all([groups(0), groups(0)])).toEqual([['engineers'], ['engineers']]);
    expect(tokens).toEqual(['r1']);
  });

  test('a token that could not be read again is not kept', async () => {
    await rechecks.keep(signIn(bob), 'x'.repeat(8_193));
    expect(said()).toEqual(['refresh-token-too-long']);
    expect(await rechecks.groupsOf(bob, 0)).toEqual(['engineers']);
    expect(tokens).toEqual([]);
  });

  test('whoever is in is asked about every few minutes, and who is no longer gated is cut', async () => {
    answers = [alive('r2')];
    sudo = 'no';
    jest.advanceTimersByTime(5 * minute);
    await eventually(() => ended.length === 2 && readFileSync(at('refresh'), 'utf8').includes('"r2"'));
    expect(ended).toEqual(
      ['alice', 'bob'].map((login) => `${login}: login ${login} may no longer use tmux-gate on this host`),
    );
    expect(tokens).toEqual(['r1']);
  });

  test('a policy with another `recheck` begins a new interval at once', async () => {
    answers = [alive('r2')];
    world.deps.policy.take(loadedAs(configOf({}, { signIn: { lifetimeMs: hour, recheckMs: minute, flow: 'device' } })));
    jest.advanceTimersByTime(minute);
    await eventually(() => readFileSync(at('refresh'), 'utf8').includes('"r2"'));
    expect(tokens).toEqual(['r1']);
    world.deps.policy.take(
      loadedAs(configOf({ runAs: 'dbb' }, { signIn: { lifetimeMs: hour, recheckMs: minute, flow: 'device' } })),
    );
    rechecks.close();
    jest.advanceTimersByTime(hour);
    expect(tokens).toEqual(['r1']);
  });
});
