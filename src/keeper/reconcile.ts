// The third enforcer of law 4: a starting keeper takes over or ends everything that it finds. Accident: the keeper died, and what it let in
// outlives its grant.
//
// 1. A connection is taken over only if its state file can be read, its gate lives, its cgroup exists and its window is open. Its grant
//    must still be in the store, if the store answers. Everything else is killed.
// 2. A session is taken over only if its server lives, a grant or `at_expiry: keep` keeps it, and the policy says of it what it said at its
//    start. Connections to a session that is not taken over end.
// 3. A cgroup without a state file belongs to nothing and is killed. A temporary home without a session is removed.
// 4. On a host without usable cgroups (any more) nothing is taken over: the gates are killed, and the state files stay for a keeper that
//    can end the rest. The sockets open all the same, to say CGROUP_DOWN (law 1).
// 5. What cannot be ended (a process that the kernel cannot kill) is waited for in the background; it does not delay the opening of the
//    sockets.
import { readdir } from 'node:fs/promises';
import type { CgroupHandle, KilledProcess } from '../adapters/cgroup-handle.ts';
import { isSame, killSame } from '../adapters/processes.ts';
import { readState, removeState } from '../adapters/state-file.ts';
import { isAlive, type Server } from '../adapters/tmux.ts';
import type { OwedOf } from '../core/owed.ts';
import { modeFields } from '../core/access-mode.ts';
import { connectionEnds, sessionUnfit } from '../core/messages/ends.ts';
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
import { unfitBy } from './judge-anew.ts';
import { readGrants } from './grants/read-grants.ts';

/** How long one step delays the start (rule 5). */
const stepMs = 10_000;

/** Takes over or ends what earlier keepers left. @throws Error when a step fails in time */
export async function reconcile(context: Context): Promise<void> {
  await redoOwed(context);
  if (!(await canFence(context))) return killGates(context);
  const storeAnswers = await loadGrants(context);
  const bounded = async (step: string, work: Promise<unknown>): Promise<void> =>
    within(context.log, step, stepMs, work);
  for (const id of await stateIds(context.layout.connections))
    await bounded(`connection ${id}`, written(context, reconcileConnection(context, id, storeAnswers)));
  for (const id of await stateIds(context.layout.sessions))
    await bounded(`session ${id}`, written(context, reconcileSession(context, id)));
  await bounded('connections-without-session', written(context, endWithoutSession(context)));
  await killStrays(context);
  await bounded('owed-records', settleOwed(context, storeAnswers));
  await bounded('stray-homes', context.sessionHomes.clearStrays(context.sessions.all().map(({ id }) => id)));
}

/** With a journal that takes no records, everything is ended and taken over all the same; the log says what has no record. */
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
    context.log.error('no-cgroup', { error });
    return false;
  }
}

/** Kills the gates of all connections on a host without cgroups (rule 4). */
async function killGates(context: Context): Promise<void> {
  for (const id of await stateIds(context.layout.connections)) {
    const state = await readState(connectionPath(context, id), connectionShape).catch(() => undefined);
    if (state !== undefined) await killSame(state.gate.pid, state.gate.startTime, 'SIGKILL');
  }
}

/**
 * Reads the live grants from the store; if it does not answer, from the snapshot of this host (docs/design.md, "When something is gone").
 * @returns whether the store answered.
 */
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
    context.log.warn('store-does-not-answer', { error });
    for (const { boot, ...live } of kept) context.liveGrants.add(live, boot);
    return false;
  }
}

async function stateIds(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^[0-9A-Z]{10}\.json$/.test(name)).map((name) => name.slice(0, -5));
}

/** Takes over one connection, or ends it (rule 1). */
async function reconcileConnection(context: Context, id: string, storeAnswers: boolean): Promise<void> {
  const state = await readState(connectionPath(context, id), connectionShape).catch(() => undefined);
  const cgroup = await context.cgroups.find('c', id);
  if (state === undefined || cgroup === undefined) {
    // A cgroup without a state file is killed by `killStrays`; the outbox owes the record of the end.
    if (state !== undefined) await killSame(state.gate.pid, state.gate.startTime, 'SIGKILL');
    return removeState(connectionPath(context, id));
  }
  if (!storeAnswers) adoptGrant(context, state);
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
  const { windowOver, gateGone, grantGone } = connectionEnds;
  const why = granted ? (alive ? windowOver : gateGone) : grantGone;
  await context.connections.end(connection, { ...expired(context, grantOf(context, state)), why });
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

/** A gate comes back within a second. After this time, the keeper cannot reach it and ends its connection. */
const gateBackMs = 15_000;

function waitForGate(context: Context, connection: Connection): void {
  setTimeout(() => {
    if (connection.conversation !== undefined || connection.over !== undefined) return;
    const why = connectionEnds.gateSilent;
    context.connections.end(connection, { why, lines: [], exit: 77 }).catch((error: unknown) => {
      context.log.error('end-failed', { error });
    });
  }, gateBackMs).unref();
}

/** A placeholder: a grant that is made from a state file is never verified against a request. */
const noDigest = '0'.repeat(64);

/** The state file is root's own, and was written from a verified grant. */
function grantOf(context: Context, state: ConnectionState): Parameters<typeof expired>[1] {
  const { grant: id, request, session, who, reason, approvers, auto, since, end } = state;
  const by = { approvers, ...(auto === undefined ? {} : { auto }) };
  const told = { id, request, digest: noDigest, host: context.host, session, who, reason, ...by, start: since, end };
  return { ...told, ...modeFields(state.mode ?? 'type') };
}

/** Without store and snapshot, the window of a live connection is in its own state file. A viewing approver has no grant of their own. */
function adoptGrant(context: Context, state: ConnectionState): void {
  if (state.as === 'approver') return;
  if (!context.tombstones.has(state.grant))
    context.liveGrants.add({ grant: grantOf(context, state), keyEnd: state.end });
}

/** Takes over one session, or ends it (rule 2). */
async function reconcileSession(context: Context, id: string): Promise<void> {
  const state = await readSession(context, id);
  const cgroup = await context.cgroups.find('s', id);
  const session = await restored(context, state, cgroup);
  const why = session === undefined ? sessionUnfit.unreadable : await unfit(context, session);
  if (session !== undefined && why === undefined) return context.sessions.adopt(session);
  const owed = sessionEnd({ id, name: state?.name, owner: state?.owner });
  const facts = { ...owed.facts, why: sessionUnfit.atStart(why ?? '') };
  const intend = async (killed: readonly KilledProcess[]): Promise<void> =>
    context.outbox.intend({ ...owed, facts, gone: { killed } });
  const killed = (await cgroup?.end(undefined, intend)) ?? [];
  // Without its cgroup it had ended, or never begun: the outbox knows which.
  await removeSession(context, id, cgroup === undefined ? undefined : { ...owed, facts, gone: { killed } });
}

async function restored(
  context: Context,
  state: SessionState | undefined,
  cgroup: CgroupHandle | undefined,
): Promise<Session | undefined> {
  const account = state === undefined ? undefined : await context.accounts.byName(state.account);
  if (state === undefined || cgroup === undefined || account === undefined) return undefined;
  const { name, id, pid, startTime, since, privileges = 'none', owner, kept } = state;
  const server: Server = {
    session: name,
    id,
    socket: `${context.layout.sessions}/${id}/sock`,
    cgroup,
    pid,
    startTime,
  };
  return { name, id, account, server, since, privileges, owner, kept };
}

/** Why a session may not go on; undefined when it may. */
async function unfit(context: Context, session: Session): Promise<string | undefined> {
  const why = unfitBy(context, session);
  // That its policy is gone is the last reason: the others say more.
  if (why !== undefined && why !== sessionUnfit.policyGone) return why;
  return (await isAlive(session.server)) ? why : sessionUnfit.serverGone;
}

/** Rule 2: a connection ends unless the session that its person's visit would lead to was taken over. */
async function endWithoutSession(context: Context): Promise<void> {
  const orphaned = context.connections.all().filter(({ state: { session, who }, over }) => {
    return over === undefined && context.sessions.find(session, who) === undefined;
  });
  const how = { why: connectionEnds.sessionEnded, lines: [], exit: 77 };
  await Promise.all(orphaned.map(async (connection) => context.connections.end(connection, how)));
}

/** Rule 3. All at the same time: one that does not end delays no other. */
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
  const owed: OwedOf<'stray-ended'> = { event: 'stray-ended', is, facts: is };
  const killed = await cgroup?.end(undefined, async (all) => context.outbox.intend({ ...owed, gone: { killed: all } }));
  await context.outbox.record({ ...owed, gone: { killed: killed ?? [] } });
}
