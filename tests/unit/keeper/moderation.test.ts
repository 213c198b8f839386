// Input that passes only while another person who may approve watches (src/keeper/connections/moderation.ts).
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Person } from '../../../src/core/request.ts';
import type { Connection } from '../../../src/keeper/connections/connection.ts';
import { firstRule, moderate } from '../../../src/keeper/connections/moderation.ts';
import { connect, type Change } from './connected.ts';
import { alice, began, bob, configOf, events, lineOf, openWorld, type World } from './world.ts';

let world: World;
const rules = ['sessions.prod-db.approvers.groups: oncall'];
const typist = (change: Change = {}) => connect(world, alice, { input: 'held', ...change });
const viewer = (who: Person = bob, change: Change = {}) =>
  connect(world, who, { id: 'C2', mode: 'view', input: 'never', approves: rules, ...change });
/** What follows from it that has to wait for the journal. */
const rest = async (): Promise<unknown> => new Promise(setImmediate);
const look = async (): Promise<unknown> => {
  moderate(world.deps, 'prod-db');
  return rest();
};
const how = { why: 'detached', lines: [], exit: 0 };
let pause: (step: string) => void;

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  pause = () => undefined;
  world = openWorld({ config: configOf({ moderated: true }), pause: async (step) => Promise.resolve(pause(step)) });
  world.deps.connections.onEnding((session) => moderate(world.deps, session));
});
afterEach(() => {
  world.close();
  jest.useRealTimers();
});

describe('what a gate is told first', () => {
  const first = (opened: World, change: object = {}) => firstRule(opened.deps, { session: 'prod-db', ...change });

  test('held where the session is moderated, never to look on or where nobody types, else pass', () => {
    expect(first(world)).toBe('held');
    expect(first(world, { mode: 'view' })).toBe('never');
    expect(first(world, { session: 'gone' })).toBe('never');
    expect(first(openWorld({ config: configOf({ mode: 'view', moderated: true }) }))).toBe('never');
    expect(first(openWorld())).toBe('pass');
  });
});

describe('input passes', () => {
  test('once another person who may approve watches, and after the journal has who', async () => {
    const order: string[] = [];
    const { connection, gate } = typist();
    pause = (step) => void order.push(`${step}: ${connection.input}`);
    await look();
    expect(gate.said).toEqual([]);
    viewer();
    await look();
    expect([gate.said, connection.input]).toEqual([['input pass'], 'pass']);
    expect(order).toEqual(['journal input-passes: held', 'journal input-passes done: held']);
    expect(lineOf(world, 'input-passes')).toMatchObject({
      connection: 'C1',
      viewer: { connection: 'C2', login: 'bob' },
    });
    await look();
    expect([gate.said.length, events(world)]).toEqual([1, ['input-passes']]);
  });

  const nobody: readonly [string, Person, Change][] = [
    ['the same person under another login', { ...alice, login: 'alice2' }, {}],
    ['another subject under the same login', { ...bob, login: 'alice' }, {}],
    ['somebody known to another provider', { ...bob, issuer: 'https://other.example.com' }, {}],
    ['who is no approver', bob, { approves: [] }],
    ['who came before rules were kept', bob, { approves: undefined } as unknown as Change],
    [
      'an approver by a rule that the policy no longer has',
      bob,
      { approves: ['sessions.prod-db.approvers.groups: x'] },
    ],
    ['who is in another session', bob, { session: 'prod-log' }],
    ['who is not in yet', bob, { entered: false }],
  ];
  test.each(nobody)('not for %s', async (_, who, change) => {
    const { gate } = typist();
    viewer(who, change);
    await look();
    expect([gate.said, events(world)]).toEqual([[], []]);
  });

  test('not while the keeper does not hear the gate of whoever watches', async () => {
    const { gate } = typist();
    const { connection, gate: theirs } = viewer();
    const { conversation } = connection;
    connection.conversation = undefined;
    await look();
    connection.conversation = conversation;
    theirs.gone.abort();
    await look();
    expect(gate.said).toEqual([]);
  });

  test('not without its record', async () => {
    const { connection } = typist();
    viewer();
    world.journal.full = true;
    await look();
    expect(connection.input).toBe('held');
    expect(world.deps.log.said).toMatchObject([{ event: 'input-not-journaled' }]);
  });

  test('not when whoever watches has gone while the record was written', async () => {
    const { connection, gate } = typist();
    const { gate: theirs } = viewer();
    pause = (step) => (step === 'journal input-passes done' ? theirs.gone.abort() : undefined);
    await look();
    expect([connection.input, gate.said]).toEqual(['held', ['input held']]);
    expect(events(world)).toEqual(['input-passes', 'input-held']);
  });

  test('not when whoever types has gone meanwhile, and one record is enough for two looks at once', async () => {
    const { connection } = typist();
    viewer();
    moderate(world.deps, 'prod-db');
    moderate(world.deps, 'prod-db');
    await rest();
    expect([connection.input, events(world)]).toEqual(['pass', ['input-passes']]);
  });

  test('of whoever broke the glass by who their pin says they are, and by nobody without one', async () => {
    const { gate } = typist({ who: { ...alice, issuer: 'break-glass', subject: 'alice' } });
    viewer();
    await look();
    expect(gate.said).toEqual([]);
    await world.deps.pins.set('alice', bob);
    await look();
    expect(gate.said).toEqual([]);
    await world.deps.pins.set('alice', alice);
    await look();
    expect(gate.said).toEqual(['input pass']);
  });

  test('of nobody where the session is not moderated', async () => {
    world = openWorld();
    const { gate } = typist();
    viewer();
    await look();
    expect(gate.said).toEqual([]);
  });
});

describe('input is held again', () => {
  let connection: Connection;
  let said: readonly string[];
  let viewing: ReturnType<typeof viewer>;
  beforeEach(async () => {
    const typing = typist();
    [connection, said] = [typing.connection, typing.gate.said];
    viewing = viewer();
    await look();
  });

  test('in the same turn in which the end of whoever watches begins', () => {
    void world.deps.connections.end(viewing.connection, how);
    expect([connection.input, said]).toEqual(['held', ['input pass', 'input held']]);
  });

  test('also without a record, which is logged', async () => {
    world.journal.full = true;
    viewing.gate.gone.abort();
    await look();
    expect([connection.input, said.at(-1)]).toEqual(['held', 'input held']);
    expect(world.deps.log.said).toMatchObject([{ event: 'input-not-journaled' }]);
  });

  test('and passes again when they come back, each with its record', async () => {
    const { conversation } = viewing.connection;
    viewing.connection.conversation = undefined;
    await look();
    viewing.connection.conversation = conversation;
    await look();
    expect(said).toEqual(['input pass', 'input held', 'input pass']);
    expect(events(world)).toEqual(['input-passes', 'input-held', 'input-passes']);
  });
});
