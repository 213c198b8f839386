// The live connections of this host (src/keeper/connections: connections, governing-grant, reminders), over a cgroup handle and a
// conversation in memory.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CgroupHandle } from '../../../src/adapters/cgroup-handle.ts';
import type { Person } from '../../../src/core/request.ts';
import { minute } from '../../../src/core/time.ts';
import { connectionPath, type EndOfConnection } from '../../../src/keeper/connections/connection.ts';
import { governingGrant } from '../../../src/keeper/connections/governing-grant.ts';
import { remind, showMovedDeadlines, showToAll } from '../../../src/keeper/connections/reminders.ts';
import type { RunningServer } from '../../../src/keeper/connections/session-lookup.ts';
import { dueAt } from '../../../src/keeper/connections/due-reminder.ts';
import { revokeHere } from '../../../src/keeper/grants/revoke.ts';
import { connect, type Line } from './connected.ts';
import { alice, began, bob, carol, configOf, events, granted, lineOf, openWorld, type World } from './world.ts';

let root: string;
let world: World;
const how: EndOfConnection = { why: 'your access was revoked by bob', lines: ['over'], exit: 77 };
const state = (id = 'C1'): string => connectionPath(world.deps, id);
const coming = (who: Person = alice, change: Parameters<typeof connect>[2] = {}) => connect(world, who, change);

beforeEach(() => {
  jest.useFakeTimers({ now: began, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  root = mkdtempSync(join(tmpdir(), 'connections-'));
  world = openWorld({ root });
  mkdirSync(world.deps.layout.connections, { recursive: true });
});
afterEach(() => {
  world.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 9, retryDelay: 10 });
  jest.useRealTimers();
});

describe('the end of a connection', () => {
  test('is told to its gate, kills what is in the cgroup, and is written down with what was killed', async () => {
    const { connection, gate } = coming();
    writeFileSync(state(), '{}');
    jest.setSystemTime(began + minute);
    await world.deps.connections.end(connection, how);
    expect(gate.said).toEqual(['cut over 77']);
    expect(gate.cgroupEnds).toBe(1);
    expect(lineOf(world, 'disconnected')).toMatchObject({
      ...{ connection: 'C1', login: 'alice', grant: 'G0', lasted: '1m', killed: [{ pid: 7, comm: 'sleep' }] },
      why: expect.stringContaining('revoked by bob'),
    });
    expect([world.deps.connections.all(), existsSync(state())]).toEqual([[], false]);
  });

  test('happens once, however often and by whomever it is asked for', async () => {
    const { connection, gate } = coming();
    const { connections } = world.deps;
    await Promise.all([connections.end(connection, how), connections.end(connection, { ...how, why: 'expired' })]);
    await connections.end(connection, how);
    expect([gate.said, gate.cgroupEnds, events(world)]).toEqual([['cut over 77'], 1, ['disconnected']]);
    expect(connection.farewell).toBe(how);
  });

  test('is heard in the same turn in which it begins, and its going once it is gone', async () => {
    const { connection } = coming();
    const heard: string[] = [];
    world.deps.connections.onEnding((session) => heard.push(`ends in ${session}`));
    world.deps.connections.onChange(() => heard.push(`${world.deps.connections.all().length} are there`));
    const ending = world.deps.connections.end(connection, how);
    expect(heard).toEqual(['ends in prod-db']);
    await ending;
    expect(heard).toEqual(['ends in prod-db', '0 are there']);
  });

  test('is entered with its victims before the blow', async () => {
    const { connection, gate } = coming();
    gate.atBlow = () => world.deps.outbox.all().map(({ event, ending, gone }) => [event, ending, gone?.killed.length]);
    await world.deps.connections.end(connection, how);
    expect(gate.seen).toEqual([['disconnected', true, 1]]);
  });

  test('of one that did not begin has no record', async () => {
    const { connection, gate } = coming(alice, { begun: false, entered: false });
    writeFileSync(state(), '{}');
    await world.deps.connections.end(connection, how);
    expect([gate.said, gate.cgroupEnds, events(world), existsSync(state())]).toEqual([[], 1, [], false]);
  });

  test('that the cgroup refuses is told, and its state stays for the next keeper', async () => {
    const { connection, gate } = coming();
    gate.stuck = true;
    writeFileSync(state(), '{}');
    await expect(world.deps.connections.end(connection, how)).rejects.toThrow('stuck');
    expect([existsSync(state()), events(world), world.deps.connections.all()]).toEqual([true, [], []]);
  });

  test('without a record keeps its state', async () => {
    const { connection } = coming();
    writeFileSync(state(), '{}');
    world.journal.full = true;
    await world.deps.connections.end(connection, how);
    expect(existsSync(state())).toBe(true);
  });

  test('waits for a gate that is on its way back', async () => {
    const { connection, conversation } = coming();
    connection.conversation = undefined;
    const returning = Promise.withResolvers<typeof conversation>();
    Object.assign(connection, { returning });
    let isOver = false;
    const ending = world.deps.connections.end(connection, how).then(() => (isOver = true));
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    returning.resolve(conversation);
    await ending;
    expect(isOver).toBe(true);
  });
});

describe('a deadline', () => {
  const end = (): number | undefined => world.deps.connections.all()[0]?.end;

  test('moves with an extension: written down, kept, and told to the gate', async () => {
    const moves: Line[] = [];
    world.deps.connections.onDeadlineMoved(({ end: to }, from) => moves.push({ from, to }));
    await granted(world);
    const { gate } = coming();
    await granted(world, { id: 'G1', request: 'R1', end: began + 30 * minute, reason: 'more' });
    const to = began + 30 * minute;
    expect([end(), moves]).toEqual([to, [{ from: began + 20 * minute, to }]]);
    expect(lineOf(world, 'deadline-moved')).toMatchObject({ connection: 'C1', grant: 'G1' });
    expect(JSON.parse(readFileSync(state(), 'utf8'))).toMatchObject({ grant: 'G1', request: 'R1', end: to });
    expect(gate.said).toEqual([`deadline ${to}`]);
  });

  test('moves back when the longer grant is revoked, and the connection stays', async () => {
    await granted(world);
    const { gate } = coming();
    const more = await granted(world, { id: 'G1', end: began + 30 * minute });
    await revokeHere(world.deps, more, { by: 'bob', reason: '' });
    expect([end(), gate.said.at(-1)]).toEqual([began + 20 * minute, `deadline ${began + 20 * minute}`]);
  });

  test('is told with "go" to a gate that is not in yet', async () => {
    await granted(world);
    const { gate } = coming(alice, { entered: false });
    await granted(world, { id: 'G1', end: began + 30 * minute });
    expect([end(), gate.said]).toEqual([began + 30 * minute, []]);
  });

  test('that stays where it is is not told again, nor is that of one that ends', async () => {
    await granted(world);
    const { connection, gate } = coming();
    await granted(world, { id: 'G1', end: began + 10 * minute });
    connection.over = Promise.resolve();
    await granted(world, { id: 'G2', end: began + 30 * minute });
    expect([end(), gate.said]).toEqual([began + 20 * minute, []]);
  });

  test('with the last grant the connection is cut, and others stay', async () => {
    const grant = await granted(world);
    await granted(world, { id: 'G1', who: bob });
    const [hers, his] = [coming().gate, coming(bob, { id: 'C2', grant: 'G1' }).gate];
    await revokeHere(world.deps, grant, { by: 'carol', reason: '' });
    expect(hers.said[0]).toContain('was revoked by carol');
    expect([his.said, world.deps.connections.all().map((one) => one.state.id)]).toEqual([[], ['C2']]);
  });

  test('a window that runs out cuts with what may be asked next', async () => {
    await granted(world);
    const { gate } = coming();
    jest.advanceTimersByTime(20 * minute);
    await world.ends.settled();
    expect(gate.said[0]).toContain('To ask again: ssh -t prod-box prod-db 0');
  });
});

describe('the grant on which a connection stands', () => {
  const standing = (change: object = {}) => ({ who: alice, session: 'prod-db', ...change }) as never;
  const id = (change?: object): string | undefined => governingGrant(world.deps, standing(change))?.grant.id;

  test('for typing is one for typing; a longer one to look on lengthens nothing', async () => {
    await granted(world);
    await granted(world, { id: 'G1', mode: 'view', end: began + 50 * minute });
    expect([id(), id({ mode: 'view' }), id({ who: bob })]).toEqual(['G0', 'G1', undefined]);
  });

  test('of an approver who watches is one that names them, while they are an approver and the session is moderated', async () => {
    const rules = ['sessions.prod-db.approvers.groups: oncall'];
    const looks = { who: bob, as: 'approver', approves: rules, mode: 'view' };
    await granted(world);
    expect(id(looks)).toBeUndefined();
    world = openWorld({ config: configOf({ moderated: true }) });
    await granted(world);
    expect([id(looks), id({ ...looks, who: carol }), id({ ...looks, approves: undefined })]).toEqual([
      ...['G0', undefined, undefined],
    ]);
    expect(id({ ...looks, session: 'gone' })).toBeUndefined();
  });
});

describe('reminders', () => {
  test('are ten, five and one minute before the end', () => {
    expect([11, 10, 6, 5, 2, 1, 0].map((left) => dueAt(left * minute))).toEqual([
      ...[undefined, 10, 10, 5, 5, 1, 1].map((due) => (due === undefined ? undefined : due * minute)),
    ]);
  });

  test('each once; whoever is on call hears of ten minutes, and a moved end begins anew', async () => {
    const stop = new AbortController();
    await granted(world);
    const { connection } = coming();
    remind(world.deps, stop.signal);
    const passes = async (ms: number): Promise<void> => {
      await jest.advanceTimersByTimeAsync(ms);
    };
    await passes(10 * minute - 5_000);
    expect([connection.reminded, world.notices]).toEqual([Infinity, []]);
    await passes(5_000);
    expect(connection.reminded).toBe(10 * minute);
    expect(world.notices).toMatchObject([{ event: 'ten-minutes-left', grant: 'G0', login: 'alice' }]);
    await passes(minute);
    expect(world.notices).toHaveLength(1);
    connection.end += 20 * minute;
    await passes(5_000);
    expect(connection.reminded).toBe(Infinity);
    stop.abort();
    connection.end = Date.now();
    await passes(minute);
    expect(connection.reminded).toBe(Infinity);
  });

  test('who was let in a moment ago and has no client yet is told at the next look', async () => {
    const stop = new AbortController();
    const { connection } = coming(alice, { end: began + 5 * minute });
    remind(world.deps, stop.signal);
    await jest.advanceTimersByTimeAsync(25_000);
    expect(connection.reminded).toBe(Infinity);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(connection.reminded).toBe(5 * minute);
    stop.abort();
  });

  test('without a session that runs, nobody is shown anything, and a moved end is none the worse', async () => {
    showMovedDeadlines(world.deps);
    await granted(world);
    const { connection } = coming();
    await granted(world, { id: 'G1', end: began + 30 * minute });
    expect([await showToAll(world.deps, connection, 'hello'), connection.end]).toEqual([false, began + 30 * minute]);
  });

  test('in a session that runs, whoever has no client there is passed over, also when their cgroup cannot be read', async () => {
    const there = { server: {}, account: {} } as unknown as RunningServer;
    const deps = { ...world.deps, sessions: { find: () => there } };
    await granted(world);
    const { connection } = coming();
    const cgroup: Partial<CgroupHandle> = { processes: async () => Promise.resolve([{ pid: 2 ** 22 + 1 }] as never) };
    Object.assign(connection, { cgroup });
    expect(await showToAll(deps, connection, 'hello')).toBe(false);
    Object.assign(cgroup, { processes: async () => Promise.reject(new Error('no such cgroup')) });
    expect(await showToAll(deps, connection, 'hello')).toBe(false);
  });

  test('a deadline that moves back is told as one that does', async () => {
    showMovedDeadlines(world.deps);
    await granted(world);
    const { connection } = coming();
    const more = await granted(world, { id: 'G1', end: began + 30 * minute });
    await revokeHere(world.deps, more, { by: 'bob', reason: '' });
    expect(connection.end).toBe(began + 20 * minute);
  });
});
