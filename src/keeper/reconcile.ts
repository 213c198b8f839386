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
import type { CgroupHandle, KilledProcess } from '../adapters/cgroup-handle.ts';
import { isSame, killSame } from '../adapters/processes.ts';
import { readState, removeState } from '../adapters/state-file.ts';
import { isAlive, type Server } from '../adapters/tmux.ts';
import { sessionOf } from '../core/policy.ts';
import type { SessionPolicy } from '../core/policy-types.ts';
import { modeFields } from '../core/access-mode.ts';
import { expired } from './connections/farewell.ts';
import {
  connectionPath,
  connectionShape,
  endOf,
  type Connection,
  type ConnectionState,
} from './connections/connection.ts';
import type { Conversation } from './conversation.ts';
import type { Context } from './context.ts';
import { within } from './concurrency/time-limit.ts';
import { readSnapshot } from './grants/snapshot.ts';
import { firstRule } from './connections/moderation.ts';
import { redoOwed, settleOwed } from './reconcile-outbox.ts';
import { governingGrant } from './connections/governing-grant.ts';
import { readSession, removeSession, sessionEnd, type SessionState } from './sessions/session-state.ts';
import type { Session } from './sessions/session.ts';
import { readGrants } from './grants/read-grants.ts';

/** Milliseconds. */
const stepMs = 10_000;

export async function reconcile(context: Context): Promise<void> {
  await redoOwed(context);
  if (!(await canFence(context))) return killGates(context);
  const boardAnswers = await loadGrants(context);
  const bounded = async (step: string, work: Promise<unknown>): Promise<void> =>
    within(context.log, step, stepMs, work);
  for (const id of await stateIds(context.layout.connections))
    await bounded(`connection ${id}`, written(context, reconcileConnection(context, id, boardAnswers)));
  for (const id of await stateIds(context.layout.sessions))
    await bounded(`session ${id}`, written(context, reconcileSession(context, id)));
  await bounded('connections without a session', written(context, endUnhoused(context)));
  await killStrays(context);
  await bounded('records that are owed', settleOwed(context, boardAnswers));
  await bounded('stray homes', context.sessionHomes.clearStrays(context.sessions.all().map(({ id }) => id)));
}

/** With a journal that takes no record at all everything is ended and taken over as ever; the log says of what no record is. */
async function written(context: Context, task: Promise<void>): Promise<void> {
  await task.catch((error: unknown) => {
    if (context.journal.changed === undefined) throw error;
    context.log.error('not-journaled', { error });
  });
}

async function canFence(context: Context): Promise<boolean> {
  try {
    await context.cgroups.check();
    return true;
  } catch (error) {
    context.log.error('cannot-fence', { error });
    return false;
  }
}

/** Rule 4. */
async function killGates(context: Context): Promise<void> {
  for (const id of await stateIds(context.layout.connections)) {
    const state = await readState(connectionPath(context, id), connectionShape).catch(() => undefined);
    if (state !== undefined) await killSame(state.gate.pid, state.gate.startTime, 'SIGKILL');
  }
}

/** The book is filled from the board; where that does not answer, from what this host remembers of it (docs/design.md, "When something is gone"). */
async function loadGrants(context: Context): Promise<boolean> {
  for (const grant of context.breakGlass.grants())
    if (!context.tombstones.has(grant.id)) context.liveGrants.add({ grant, keyEnd: grant.end });
  const kept = await readSnapshot(context);
  const bootEnds = new Map(kept.map(({ grant, boot }) => [grant.id, boot]));
  try {
    for (const live of await readGrants(context, { host: context.host }))
      context.liveGrants.add(live, bootEnds.get(live.grant.id));
    return true;
  } catch (error) {
    context.log.warn('board-does-not-answer', { error });
    for (const { boot, ...live } of kept) context.liveGrants.add(live, boot);
    return false;
  }
}

async function stateIds(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^[0-9A-Z]{10}\.json$/.test(name)).map((name) => name.slice(0, -5));
}

/** Rule 1. */
async function reconcileConnection(context: Context, id: string, boardAnswers: boolean): Promise<void> {
  const state = await readState(connectionPath(context, id), connectionShape).catch(() => undefined);
  const cgroup = await context.cgroups.find('c', id);
  if (state === undefined || cgroup === undefined) {
    // What is in a fence without a state is a stray; that it ended is owed by the outbox.
    if (state !== undefined) await killSame(state.gate.pid, state.gate.startTime, 'SIGKILL');
    return removeState(connectionPath(context, id));
  }
  if (!boardAnswers) adoptGrant(context, state);
  const alive = await isSame(state.gate.pid, state.gate.startTime);
  const { who, session } = state;
  const granted = governingGrant(context, state) !== undefined;
  const goesOn = alive && granted && state.end > context.now();
  const connection = foundAgain(context, state, cgroup, goesOn);
  context.connections.add(connection);
  if (goesOn) {
    waitForGate(context, connection);
    await context.outbox.begin({ ...endOf(state), began: undefined });
    return context.journal.write('found-again', { connection: id, session, login: who.login });
  }
  const why = granted ? (alive ? 'its window was over' : 'its gate was gone') : 'its grant was gone';
  await context.connections.end(connection, { ...expired(context, grantOf(context, state)), why: `at start: ${why}` });
}

function foundAgain(context: Context, state: ConnectionState, cgroup: CgroupHandle, goesOn: boolean): Connection {
  const returning = goesOn ? Promise.withResolvers<Conversation>() : undefined;
  const met = {
    conversation: undefined,
    returning,
    entered: true,
    begun: true,
    reminded: Infinity,
    over: undefined,
    farewell: undefined,
  };
  return { state, cgroup, end: state.end, input: firstRule(context, state), ...met };
}

/** A gate reports back within a second; one that does not relays for nobody that this keeper can reach. */
const gateBackMs = 15_000;

function waitForGate(context: Context, connection: Connection): void {
  setTimeout(() => {
    if (connection.conversation !== undefined || connection.over !== undefined) return;
    const why = 'its gate did not report back';
    context.connections.end(connection, { why, lines: [], exit: 77 }).catch((error: unknown) => {
      context.log.error('end-failed', { error });
    });
  }, gateBackMs).unref();
}

/** The digest of no request: what stands in the state of a connection proves nothing to anybody. */
const noDigest = '0'.repeat(64);

/** The state is root's own file, written from a verified grant. */
function grantOf(context: Context, state: ConnectionState): Parameters<typeof expired>[1] {
  const { grant: id, request, session, who, reason, approvers, auto, since, end } = state;
  const by = { approvers, ...(auto === undefined ? {} : { auto }) };
  const told = { id, request, digest: noDigest, host: context.host, session, who, reason, ...by, start: since, end };
  return { ...told, ...modeFields(state.mode ?? 'type') };
}

/** Where even that is lost: the window of a live connection stands in its own state; who looks on as an approver has none. */
function adoptGrant(context: Context, state: ConnectionState): void {
  if (state.as === 'approver') return;
  if (!context.tombstones.has(state.grant))
    context.liveGrants.add({ grant: grantOf(context, state), keyEnd: state.end });
}

/** Rule 2. */
async function reconcileSession(context: Context, id: string): Promise<void> {
  const state = await readSession(context, id);
  const cgroup = await context.cgroups.find('s', id);
  const session = await restored(context, state, cgroup);
  const why = session === undefined ? 'it cannot be taken over' : await unfit(context, session);
  if (session !== undefined && why === undefined) return context.sessions.adopt(session);
  const owed = sessionEnd({ id, name: state?.name, owner: state?.owner });
  const facts = { ...owed.facts, why: `at start: ${why ?? ''}` };
  const intend = async (killed: readonly KilledProcess[]): Promise<void> =>
    context.outbox.intend({ ...owed, facts, gone: { killed } });
  const killed = (await cgroup?.end(undefined, intend)) ?? [];
  // Without its fence it had ended, or never begun: the outbox knows.
  await removeSession(context, id, cgroup === undefined ? undefined : { ...owed, facts, gone: { killed } });
}

async function restored(
  context: Context,
  state: SessionState | undefined,
  cgroup: CgroupHandle | undefined,
): Promise<Session | undefined> {
  const account = state === undefined ? undefined : await accountByName(state.account);
  if (state === undefined || cgroup === undefined || account === undefined) return undefined;
  const { name, id, pid, startTime, since, privileges = 'none', owner, kept } = state;
  const server: Server = {
    session: name,
    id,
    socket: `${context.layout.sessions}/${id}/sock`,
    fence: cgroup,
    pid,
    startTime,
  };
  return { name, id, account, server, since, privileges, owner, kept };
}

/** Why a session may not go on; undefined when it may. */
async function unfit(context: Context, session: Session): Promise<string | undefined> {
  const { name, server, owner } = session;
  const policy = sessionOf(context.config, name);
  if (policy !== undefined && !isStartedBy(policy, session)) return 'its policy has changed'; // and its grants stand no more
  if (!context.liveGrants.keeps(name, owner) && policy?.atExpiry !== 'keep') return 'no grant keeps it';
  if (!(await isAlive(server))) return 'its server was gone';
  return policy === undefined ? 'its policy is gone' : undefined;
}

function isStartedBy(policy: SessionPolicy, { account, privileges, owner }: Session): boolean {
  const kind = owner === undefined ? 'shared' : 'dedicated';
  return policy.runAs === account.name && policy.kind === kind && policy.privileges === privileges;
}

/** Rule 2: a person is attached to the session that their visit would lead to, or to none. */
async function endUnhoused(context: Context): Promise<void> {
  const unhoused = context.connections.all().filter(({ state: { session, who }, over }) => {
    return over === undefined && context.sessions.find(session, who) === undefined;
  });
  const how = { why: 'at start: its session has ended', lines: [], exit: 77 };
  await Promise.all(unhoused.map(async (connection) => context.connections.end(connection, how)));
}

/** Rule 3. At once: one that does not end holds up no other. */
async function killStrays(context: Context): Promise<void> {
  const known = {
    c: context.connections.all().map(({ state }) => state.id),
    s: context.sessions.all().map(({ id }) => id),
  };
  for (const kind of ['c', 's'] as const) {
    const strays = (await context.cgroups.all(kind)).filter((id) => !known[kind].includes(id));
    await Promise.all(
      strays.map(async (id) => within(context.log, `stray ${id}`, stepMs, killStray(context, kind, id))),
    );
  }
}

async function killStray(context: Context, kind: 'c' | 's', id: string): Promise<void> {
  const cgroup = await context.cgroups.find(kind, id);
  const is = { kind, id };
  const owed = { event: 'stray-ended', is, facts: is };
  const killed = await cgroup?.end(undefined, async (all) => context.outbox.intend({ ...owed, gone: { killed: all } }));
  await context.outbox.record({ ...owed, gone: { killed: killed ?? [] } });
}
