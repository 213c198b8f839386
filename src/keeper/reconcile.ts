// The third enforcer of law 4: what a starting keeper finds, it takes over or ends. Nothing that an earlier keeper let in
// outlives its grant because that keeper died.
//
// 1. A connection is taken over only if its state can be read, its gate lives, its cgroup is there and its window is open; its
//    grant must still be on the board, if the board answers. Everything else is killed.
// 2. A session is taken over only if its server lives, a grant or `at_expiry: keep` keeps it, and the policy says of it what it said when it was
//    started. Who was attached to one that is not, is out.
// 3. A cgroup without a state is nobody's: killed. A temporary home without a session is nobody's: removed.
// 4. On a host that cannot fence (any more) nothing is taken over: the gates are killed, and what is written of them stays for
//    a keeper that can end the rest. The door opens all the same, to say CGROUP_DOWN (law 1).
// 5. What cannot be ended (a process that the kernel does not let go) is gone on with beside the open door, not before it.
import { readdir } from 'node:fs/promises';
import { accountByName } from '../adapters/accounts.ts';
import type { Fence, Killed } from '../adapters/cgroup-fence.ts';
import { isSame, killSame } from '../adapters/processes.ts';
import { readState, removeState } from '../adapters/state-file.ts';
import { isAlive, type Server } from '../adapters/tmux.ts';
import { sessionOf } from '../core/policy.ts';
import type { SessionPolicy } from '../core/policy-types.ts';
import { sightOf } from '../core/sight.ts';
import {
  connectionPath,
  connectionShape,
  endOf,
  expired,
  type Connection,
  type ConnectionState,
} from './connections.ts';
import type { Door } from './door.ts';
import type { House } from './house.ts';
import { within } from './bounded.ts';
import { recallGrants } from './kept-grants.ts';
import { firstRule } from './moderation.ts';
import { redoOwed, settleOwed } from './owed-at-start.ts';
import { standsOn } from './standing.ts';
import { clearStrayHomes, readSession, removeSession, sessionEnd, type SessionState } from './session-state.ts';
import type { Session } from './sessions.ts';
import { readGrants } from './visit/grant.ts';

/** Milliseconds. */
const stepMs = 10_000;

export async function reconcile(house: House): Promise<void> {
  await redoOwed(house);
  if (!(await canFence(house))) return killGates(house);
  const boardAnswers = await loadGrants(house);
  const bounded = async (step: string, work: Promise<unknown>): Promise<void> => within(house.log, step, stepMs, work);
  for (const id of await stateIds(house.layout.connections))
    await bounded(`connection ${id}`, written(house, reconcileConnection(house, id, boardAnswers)));
  for (const id of await stateIds(house.layout.sessions))
    await bounded(`session ${id}`, written(house, reconcileSession(house, id)));
  await bounded('connections without a session', written(house, endUnhoused(house)));
  await killStrays(house);
  await bounded('records that are owed', settleOwed(house, boardAnswers));
  await bounded('stray homes', clearStrayHomes(house));
}

/** With a journal that takes no record at all everything is ended and taken over as ever; the log says of what no record is. */
async function written(house: House, task: Promise<void>): Promise<void> {
  await task.catch((error: unknown) => {
    if (house.journal.changed === undefined) throw error;
    house.log.error('not-journaled', { error });
  });
}

async function canFence(house: House): Promise<boolean> {
  try {
    await house.cgroups.check();
    return true;
  } catch (error) {
    house.log.error('cannot-fence', { error });
    return false;
  }
}

/** Rule 4. */
async function killGates(house: House): Promise<void> {
  for (const id of await stateIds(house.layout.connections)) {
    const state = await readState(connectionPath(house, id), connectionShape).catch(() => undefined);
    if (state !== undefined) await killSame(state.gate.pid, state.gate.startTime, 'SIGKILL');
  }
}

/** The book is filled from the board; where that does not answer, from what this host remembers of it (section 8). */
async function loadGrants(house: House): Promise<boolean> {
  for (const grant of house.breakGlass.grants())
    if (!house.tombstones.has(grant.id)) house.book.add({ grant, keyEnd: grant.end });
  const kept = await recallGrants(house);
  const bootEnds = new Map(kept.map(({ grant, boot }) => [grant.id, boot]));
  try {
    for (const live of await readGrants(house, { host: house.host })) house.book.add(live, bootEnds.get(live.grant.id));
    return true;
  } catch (error) {
    house.log.warn('board-does-not-answer', { error });
    for (const { boot, ...live } of kept) house.book.add(live, boot);
    return false;
  }
}

async function stateIds(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^[0-9A-Z]{10}\.json$/.test(name)).map((name) => name.slice(0, -5));
}

/** Rule 1. */
async function reconcileConnection(house: House, id: string, boardAnswers: boolean): Promise<void> {
  const state = await readState(connectionPath(house, id), connectionShape).catch(() => undefined);
  const fence = await house.cgroups.find('c', id);
  if (state === undefined || fence === undefined) {
    // What is in a fence without a state is a stray; that it ended is owed by the outbox.
    if (state !== undefined) await killSame(state.gate.pid, state.gate.startTime, 'SIGKILL');
    return removeState(connectionPath(house, id));
  }
  if (!boardAnswers) adoptGrant(house, state);
  const alive = await isSame(state.gate.pid, state.gate.startTime);
  const { who, session } = state;
  const granted = standsOn(house, state) !== undefined;
  const goesOn = alive && granted && state.end > house.now();
  const connection = foundAgain(house, state, fence, goesOn);
  house.connections.add(connection);
  if (goesOn) {
    waitForGate(house, connection);
    await house.outbox.begin({ ...endOf(state), began: undefined });
    return house.journal.write('found-again', { connection: id, session, login: who.login });
  }
  const why = granted ? (alive ? 'its window was over' : 'its gate was gone') : 'its grant was gone';
  await house.connections.end(connection, { ...expired(house, grantOf(house, state)), why: `at start: ${why}` });
}

function foundAgain(house: House, state: ConnectionState, fence: Fence, goesOn: boolean): Connection {
  const returning = goesOn ? Promise.withResolvers<Door>() : undefined;
  const met = {
    door: undefined,
    returning,
    entered: true,
    begun: true,
    reminded: Infinity,
    over: undefined,
    farewell: undefined,
  };
  return { state, fence, end: state.end, input: firstRule(house, state), ...met };
}

/** A gate reports back within a second; one that does not relays for nobody that this keeper can reach. */
const gateBackMs = 15_000;

function waitForGate(house: House, connection: Connection): void {
  setTimeout(() => {
    if (connection.door !== undefined || connection.over !== undefined) return;
    const why = 'its gate did not report back';
    house.connections.end(connection, { why, lines: [], exit: 77 }).catch((error: unknown) => {
      house.log.error('end-failed', { error });
    });
  }, gateBackMs).unref();
}

/** The digest of no request: what stands in the state of a connection proves nothing to anybody. */
const noDigest = '0'.repeat(64);

/** The state is root's own file, written from a verified grant. */
function grantOf(house: House, state: ConnectionState): Parameters<typeof expired>[1] {
  const { grant: id, request, session, who, reason, approvers, auto, since, end } = state;
  const by = { approvers, ...(auto === undefined ? {} : { auto }) };
  const told = { id, request, digest: noDigest, host: house.host, session, who, reason, ...by, start: since, end };
  return { ...told, ...sightOf(state.mode ?? 'type') };
}

/** Where even that is lost: the window of a live connection stands in its own state; who looks on as an approver has none. */
function adoptGrant(house: House, state: ConnectionState): void {
  if (state.as === 'approver') return;
  if (!house.tombstones.has(state.grant)) house.book.add({ grant: grantOf(house, state), keyEnd: state.end });
}

/** Rule 2. */
async function reconcileSession(house: House, id: string): Promise<void> {
  const state = await readSession(house, id);
  const fence = await house.cgroups.find('s', id);
  const session = await restored(house, state, fence);
  const why = session === undefined ? 'it cannot be taken over' : await unfit(house, session);
  if (session !== undefined && why === undefined) return house.sessions.adopt(session);
  const owed = sessionEnd({ id, name: state?.name, owner: state?.owner });
  const facts = { ...owed.facts, why: `at start: ${why ?? ''}` };
  const intend = async (killed: readonly Killed[]): Promise<void> =>
    house.outbox.intend({ ...owed, facts, gone: { killed } });
  const killed = (await fence?.end(undefined, intend)) ?? [];
  // Without its fence it had ended, or never begun: the outbox knows.
  await removeSession(house, id, fence === undefined ? undefined : { ...owed, facts, gone: { killed } });
}

async function restored(
  house: House,
  state: SessionState | undefined,
  fence: Fence | undefined,
): Promise<Session | undefined> {
  const account = state === undefined ? undefined : await accountByName(state.account);
  if (state === undefined || fence === undefined || account === undefined) return undefined;
  const { name, id, pid, startTime, since, privileges = 'none', owner, kept } = state;
  const server: Server = { session: name, id, socket: `${house.layout.sessions}/${id}/sock`, fence, pid, startTime };
  return { name, id, account, server, since, privileges, owner, kept };
}

/** Why a session may not go on; undefined when it may. */
async function unfit(house: House, session: Session): Promise<string | undefined> {
  const { name, server, owner } = session;
  const policy = sessionOf(house.config, name);
  if (policy !== undefined && !isStartedBy(policy, session)) return 'its policy has changed'; // and its grants stand no more
  if (!house.book.keeps(name, owner) && policy?.atExpiry !== 'keep') return 'no grant keeps it';
  if (!(await isAlive(server))) return 'its server was gone';
  return policy === undefined ? 'its policy is gone' : undefined;
}

function isStartedBy(policy: SessionPolicy, { account, privileges, owner }: Session): boolean {
  const kind = owner === undefined ? 'shared' : 'dedicated';
  return policy.runAs === account.name && policy.kind === kind && policy.privileges === privileges;
}

/** Rule 2: a person is attached to the session that their visit would lead to, or to none. */
async function endUnhoused(house: House): Promise<void> {
  const unhoused = house.connections.all().filter(({ state: { session, who }, over }) => {
    return over === undefined && house.sessions.find(session, who) === undefined;
  });
  const how = { why: 'at start: its session has ended', lines: [], exit: 77 };
  await Promise.all(unhoused.map(async (connection) => house.connections.end(connection, how)));
}

/** Rule 3. At once: one that does not end holds up no other. */
async function killStrays(house: House): Promise<void> {
  const known = {
    c: house.connections.all().map(({ state }) => state.id),
    s: house.sessions.all().map(({ id }) => id),
  };
  for (const kind of ['c', 's'] as const) {
    const strays = (await house.cgroups.all(kind)).filter((id) => !known[kind].includes(id));
    await Promise.all(strays.map(async (id) => within(house.log, `stray ${id}`, stepMs, killStray(house, kind, id))));
  }
}

async function killStray(house: House, kind: 'c' | 's', id: string): Promise<void> {
  const fence = await house.cgroups.find(kind, id);
  const is = { kind, id };
  const owed = { event: 'stray-ended', is, facts: is };
  const killed = await fence?.end(undefined, async (all) => house.outbox.intend({ ...owed, gone: { killed: all } }));
  await house.outbox.record({ ...owed, gone: { killed: killed ?? [] } });
}
