// What another policy means for what is live and for what waits (src/keeper/judge-anew.ts, grants/judge-request.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config, SessionPolicy } from '../../../src/core/policy-types.ts';
import { minute } from '../../../src/core/time.ts';
import type { Context } from '../../../src/keeper/context.ts';
import { settle } from '../../../src/keeper/grants/settle.ts';
import { requestTombstoneId } from '../../../src/keeper/grants/tombstone-id.ts';
import { judgeAnew } from '../../../src/keeper/judge-anew.ts';
import type { Judged } from '../../../src/keeper/reload.ts';
import type { Session } from '../../../src/keeper/sessions/session.ts';
import { connect } from './connected.ts';
import { alice, ask, began, bob, carol, configOf, events, granted, lineOf } from './world.ts';
import { loadedAs, openWorld, post, type World, type WorldOptions } from './world.ts';

let root: string;
let world: World;
let killed: string[];
let links: string[];

function open(options: WorldOptions = {}): World {
  world = openWorld({ root, ...options });
  return world;
}

/** The server of prod-db as a keeper that runs has it. */
function running(change: Partial<Session> = {}): void {
  const session = { name: 'prod-db', id: 'S1', account: { name: 'dba' }, privileges: 'none', ...change };
  world.running.set('prod-db', session as Session);
}

/** Another policy is taken, as a reload does it. */
async function take(session: Partial<SessionPolicy>, change: Partial<Config> = {}): Promise<Judged> {
  return takeConfig(configOf(session, change));
}

async function takeConfig(config: Config): Promise<Judged> {
  const { deps } = world;
  const context = {
    ...deps,
    sessions: {
      all: () => [...world.running.values()],
      find: (name: string) => world.running.get(name),
      endNow: async ({ id }: Session, why: string) => Promise.resolve(void killed.push(`${id}: ${why}`)),
    },
    links: { close: () => void links.push('close') },
    requestEnds: { watch: () => undefined },
    subscribers: { changed: () => undefined },
  } as unknown as Context;
  const before = deps.policy.loaded().config;
  deps.policy.take(loadedAs(config));
  return judgeAnew(context, before);
}

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  root = mkdtempSync(join(tmpdir(), 'judge-'));
  [killed, links] = [[], []];
  open();
  mkdirSync(world.deps.layout.connections, { recursive: true });
});
afterEach(() => {
  world.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 });
  jest.useRealTimers();
});

const nothing = { connections: 0, sessions: 0, requests: 0 };

describe('rule 1: a session and whoever is in it', () => {
  beforeEach(async () => {
    await granted(world);
    running();
  });

  test.each<[string, Partial<SessionPolicy>]>([
    ['with a shorter window', { window: { defaultMs: minute, maxMs: minute } }],
    ['with other groups in `who`', { who: ['others'] }],
    ['with other approvers', { approvers: { groups: ['others'], count: 2, byLink: false } }],
    ['with another recording and idle time', { record: 'output+input', idle: { warnMs: 1, endMs: 2 } }],
  ])('go on: %s (rule 2)', async (_, change) => {
    const { gate } = connect(world, alice);
    expect(await take(change)).toEqual(nothing);
    expect([gate.said, killed]).toEqual([[], []]);
  });

  test.each<[string, Partial<SessionPolicy>]>([
    ['another account', { runAs: 'dbb' }],
    ['other privileges', { privileges: 'account' }],
    ['another kind', { kind: 'dedicated' }],
  ])('end: %s', async (_, change) => {
    const { gate } = connect(world, alice);
    expect(await take(change)).toEqual({ connections: 1, sessions: 1, requests: 0 });
    expect(killed).toEqual(['S1: its policy has changed']);
    expect(gate.said).toEqual([
      'cut tmux-gate: The policy of prod-box was changed, and prod-db does not go on as it was. 77',
    ]);
    expect(lineOf(world, 'disconnected')).toMatchObject({ why: expect.stringContaining('gone from the policy') });
  });

  test('end: the session is gone from the policy', async () => {
    const { gate } = connect(world, alice);
    expect(await takeConfig(configOf({}, { sessions: {} }))).toEqual({ connections: 1, sessions: 1, requests: 0 });
    expect([killed, gate.cgroupEnds]).toEqual([['S1: its policy is gone'], 1]);
  });

  test('rule 5: who is only being let in is left to their visit', async () => {
    const { gate } = connect(world, alice, { entered: false });
    expect(await take({ runAs: 'dbb' })).toEqual({ connections: 0, sessions: 1, requests: 0 });
    expect(gate.said).toEqual([]);
  });

  test('one whose end fails is logged, and stops nothing', async () => {
    const { gate } = connect(world, alice);
    gate.stuck = true;
    connect(world, bob, { id: 'C2' });
    expect(await take({ runAs: 'dbb' })).toMatchObject({ connections: 2 });
    expect(world.deps.log.said.map(({ event }) => event)).toContain('end-failed');
  });
});

test('a session that no grant keeps ends unless the policy says keep', async () => {
  running();
  expect(await take({ atExpiry: 'keep' })).toEqual(nothing);
  expect(await take({ atExpiry: 'kill' })).toEqual({ ...nothing, sessions: 1 });
  expect(killed).toEqual(['S1: no grant keeps it']);
});

describe('rule 3: what keys do, in the same turn', () => {
  beforeEach(async () => {
    await granted(world);
    running();
  });
  /** What the gate hears before anything is waited for. */
  const told = (change: Partial<SessionPolicy>, gate: { readonly said: string[] }): readonly string[] => {
    void take(change);
    return [...gate.said];
  };

  test('nothing passes where the policy says view, and again where it does not', () => {
    const { gate } = connect(world, alice);
    expect(told({ mode: 'view' }, gate)).toEqual(['input never']);
    expect(told({}, gate)).toEqual(['input never', 'input pass']);
  });

  test('a connection that only views stays so', () => {
    const { gate } = connect(world, alice, { mode: 'view', input: 'never' });
    expect(told({ mode: 'type' }, gate)).toEqual([]);
  });

  test('nothing passes unwatched where it says moderated, and freely where it no longer does', () => {
    const { gate } = connect(world, alice);
    expect(told({ moderated: true }, gate)).toEqual(['input held']);
    expect(told({}, gate)).toEqual(['input held', 'input pass']);
  });

  test('what passes because an approver views goes on, and is held once the policy makes them none (rule 4)', async () => {
    await take({ moderated: true });
    await granted(world, { id: 'G1', who: carol, approvers: [bob] });
    const { gate } = connect(world, alice, { input: 'pass' });
    const rules = ['sessions.prod-db.approvers.groups: oncall'];
    const viewer = connect(world, bob, { id: 'C2', mode: 'view', as: 'approver', input: 'never', approves: rules });
    const approvers = { groups: ['oncall'], count: 1, byLink: false };
    expect(await take({ moderated: true, approvers })).toEqual(nothing);
    expect(gate.said).toEqual([]);
    expect(await take({ moderated: true, approvers: { ...approvers, groups: ['leads'] } })).toMatchObject({
      connections: 1,
    });
    expect(gate.said).toEqual(['input held']);
    expect(viewer.gate.said[0]).toContain('you no longer view prod-db as its approver');
  });
});

describe('rule 6: a request that waits', () => {
  const stateOf = (id: string): string | undefined => world.store.requests.get(id)?.state;

  test.each<[string, Partial<SessionPolicy> | undefined, string, string]>([
    ['its session is gone', undefined, 'lapsed', 'UNKNOWN_SESSION'],
    ['the group of whoever asked may no longer', { who: ['others'] }, 'lapsed', 'NOT_ALLOWED'],
    ['its reason is no longer accepted', { reason: { pattern: '^CHG-' } }, 'lapsed', 'BAD_REASON'],
  ])('ends where %s', async (_, change, event, code) => {
    const { facts } = await ask(world);
    world.groups.set('alice', ['engineers']);
    const config = change === undefined ? configOf({}, { sessions: {} }) : configOf(change);
    expect(await takeConfig(config)).toEqual({ ...nothing, requests: 1 });
    expect(lineOf(world, event)).toMatchObject({ request: facts.id, code });
    expect([stateOf(facts.id), world.deps.pendingAnswers.given(facts.id)]).toEqual([
      'lapsed',
      { state: 'lapsed', code },
    ]);
  });

  test('ends as outdated where the session runs as something else, and of somebody who has left', async () => {
    const { facts } = await ask(world);
    await take({ runAs: 'dbb' });
    expect([events(world).includes('withdrawn'), stateOf(facts.id)]).toEqual([true, 'withdrawn']);
    await take({});
    const { facts: again } = await ask(world, { id: 'K7QF01' });
    world.groups.set('alice', 'gone');
    await take({ record: 'output+input' });
    expect(lineOf(world, 'lapsed')).toMatchObject({ request: again.id, code: 'SIGN_IN_OVER' });
  });

  test('goes on where it is not known that it could not be granted, and of another host', async () => {
    await ask(world);
    await ask(world, { id: 'K7QF02', host: 'peer-box' });
    expect(await take({ who: ['others'] })).toEqual(nothing);
    expect(await take({ window: { defaultMs: minute, maxMs: minute } })).toEqual(nothing);
    expect([stateOf('K7QF00'), stateOf('K7QF02')]).toEqual(['pending', 'pending']);
  });

  test('one that was answered is left alone', async () => {
    const { facts } = await ask(world);
    await world.tombstones.add(requestTombstoneId(facts.id), began + minute);
    expect(await takeConfig(configOf({}, { sessions: {} }))).toEqual(nothing);
    expect(events(world)).not.toContain('lapsed');
  });

  test('reviews count by the policy of now: enough, or none at all', async () => {
    open({ config: configOf({ approvers: { groups: ['oncall'], count: 2, byLink: false } }) });
    const asked = await ask(world);
    await post(world, asked, bob);
    expect(await settle(world.deps, asked.facts.id)).toBe('pending');
    await take({ approvers: { groups: ['leads'], count: 1, byLink: false } });
    expect([stateOf(asked.facts.id), world.deps.liveGrants.all()]).toEqual(['pending', []]);
    await take({ approvers: { groups: ['oncall'], count: 1, byLink: false } });
    expect(world.deps.liveGrants.all().map(({ grant }) => grant.request)).toEqual([asked.facts.id]);
  });

  test('a store that does not answer is logged; the request is judged when it is approved', async () => {
    await ask(world);
    world.store.down = true;
    expect(await take({ who: ['others'] })).toEqual(nothing);
    expect(world.deps.log.said.map(({ event }) => event)).toContain('requests-not-judged');
  });
});

test('approval links end where the policy says something else of the provider, and only there', async () => {
  await take({ record: 'output+input' });
  expect(links).toEqual([]);
  const config = configOf();
  await takeConfig({ ...config, oidc: { ...config.oidc, clientId: 'other' } });
  expect(links).toEqual(['close']);
});
