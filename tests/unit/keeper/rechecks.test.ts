// What the re-checks know of people besides the provider's answers: who left no refresh token, and a list of groups of root's.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider, Recheck } from '../../../src/adapters/oidc.ts';
import type { Batch } from '../../../src/core/batch.ts';
import type { GroupList, Identity } from '../../../src/core/identity.ts';
import { Refused } from '../../../src/core/refusal.ts';
import type { Person } from '../../../src/core/request.ts';
import { signInOf, type SignIn } from '../../../src/core/sign-in.ts';
import { hour } from '../../../src/core/time.ts';
import { openRechecks, type Rechecks } from '../../../src/keeper/identity/rechecks.ts';
import { alice, began, bob, codeOf, eventually, host, openWorld, type World } from './world.ts';

let folder: string;
let world: World;
let rechecks: Rechecks;
let answers: Recheck[];

const signIn = (who: Person): SignIn =>
  signInOf({ ...who, groups: ['engineers'], issuedAt: began } as unknown as Identity, {
    ...{ login: who.login, host, fingerprint: 'SHA256:x', at: began, until: began + 8 * hour },
  });
const gone: Recheck = { state: 'gone', problem: 'disabled' };
const alive = (refreshToken: string, change: object = {}): Recheck => ({
  ...{ state: 'alive', refreshToken, identity: { ...alice, groups: ['engineers'], ...change } },
});

async function open(groupList?: () => Promise<GroupList>): Promise<void> {
  const provider = { recheck: async () => Promise.resolve(answers.shift()!) } as unknown as Provider;
  const connections = { ...world.deps.connections, all: () => [] };
  const sudoNames = async (): Promise<'yes'> => Promise.resolve('yes');
  const deps = { ...world.deps, connections, provider, sudoNames, ...(groupList === undefined ? {} : { groupList }) };
  rechecks = await openRechecks(deps, join(folder, 'refresh'), () => Date.now());
}

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  folder = mkdtempSync(join(tmpdir(), 'rechecks-'));
  world = openWorld();
  answers = [];
});
afterEach(() => {
  rechecks.close();
  world.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 });
  jest.useRealTimers();
});

test('who signed in without a refresh token is known by name, until they have one or their sign-in is over', async () => {
  await open();
  expect(rechecks.withoutRefresh()).toEqual([]);
  await rechecks.keep(signIn(bob), undefined);
  expect(rechecks.withoutRefresh()).toEqual(['bob']);
  await rechecks.keep(signIn(bob), 'r2');
  expect(rechecks.withoutRefresh()).toEqual([]);
  await rechecks.keep(signIn(bob), undefined);
  jest.setSystemTime(began + 8 * hour);
  expect(rechecks.withoutRefresh()).toEqual([]);
  for (let n = 0; n < 400; n++)
    await rechecks.keep({ ...signIn(bob), login: `l${n}`, until: began + 9 * hour }, undefined);
  expect(rechecks.withoutRefresh()).toHaveLength(390);
  expect(rechecks.withoutRefresh().at(-1)).toBe('l399');
});

test('who asked here for other hosts is asked about as well, and whoever ends that is told that they are gone', async () => {
  await open();
  const heard: unknown[] = [];
  rechecks.onGone(async (who) => Promise.resolve(void heard.push(who)));
  await rechecks.keep(signIn(alice), 'r1');
  await rechecks.keep(signIn(bob), 'r1');
  const { issuer, subject } = alice;
  await world.deps.askedHere.add({
    id: 'B00000',
    hosts: ['peer-box'],
    who: alice,
    answerBy: began + hour,
  } as unknown as Batch);
  answers = [gone];
  jest.advanceTimersByTime(world.deps.config.signIn.recheckMs);
  await eventually(() => heard.length > 0);
  expect(heard).toEqual([expect.objectContaining({ issuer, subject })]);
  expect(answers).toEqual([]);
});

test('a list of root takes the place of what the provider says, but does not bring back whom it dismissed', async () => {
  const lists: Record<string, readonly string[]> = { [alice.claim]: ['oncall'] };
  const groupList = async () => Promise.resolve((claim: string) => lists[claim] ?? []);
  await open(groupList);
  await rechecks.keep(signIn(alice), 'r1');
  await rechecks.keep(signIn(bob), undefined);
  expect([await rechecks.groupsOf(alice), await rechecks.groupsOf(bob)]).toEqual([['oncall'], []]);
  lists[bob.claim] = ['leads'];
  expect(await rechecks.groupsOf(bob)).toEqual(['leads']);
  answers = [alive('r2', { groups: undefined }), gone];
  expect(await rechecks.groupsOf(alice, 0)).toEqual(['oncall']);
  expect(await rechecks.groupsOf(alice, 0)).toBe('gone');
});

test('a list that cannot be read refuses whoever comes back', async () => {
  await open(async () => Promise.reject(new Refused('GROUPS_FILE')));
  await rechecks.keep(signIn(alice), undefined);
  expect(await codeOf(rechecks.groupsOf(alice))).toBe('GROUPS_FILE');
});

test('what a refreshed token does not say is logged, but for groups that a list says', async () => {
  const missing = (): readonly unknown[] => world.deps.log.said.filter(({ event }) => event === 'claims-not-refreshed');
  const silent = { claim: undefined, groups: undefined };
  const oidc = { ...world.deps.config.oidc, claims: { ...world.deps.config.oidc.claims, groupsFile: '/etc/g.yaml' } };
  await open();
  await rechecks.keep(signIn(alice), 'r1');
  answers = [alive('r2', silent)];
  await rechecks.groupsOf(alice, 0);
  expect(missing()).toMatchObject([{ missing: ['email', 'groups'] }]);
  rechecks.close();
  Object.assign(world.deps, { config: { ...world.deps.config, oidc } });
  await open(async () => Promise.resolve(() => []));
  await rechecks.keep(signIn(alice), 'r1');
  answers = [alive('r2', silent)];
  await rechecks.groupsOf(alice, 0);
  expect(missing()[1]).toMatchObject({ missing: ['email'] });
});
