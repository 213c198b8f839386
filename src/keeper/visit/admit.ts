// Admission has a fixed order, and nothing enters a session without the connection's cgroup (docs/design.md, "One visit"):
//
// 1. First the state file is written and the cgroup made. Accident: the keeper dies during an admission, and the next one does not know
//    what to end.
// 2. The grant's timer runs already (live-grants.ts). Grant and tombstones are read again *after* the connection is registered. Attack: a
//    revocation comes in between; now it finds either the connection, or leaves no grant (M18).
// 3. The journal has the record on disk before the gate hears "go" (law 7).
// 4. Whatever fails, or ends the grant meanwhile, ends the cgroup; a child that comes late finds no cgroup to join, and exits.
// 5. The policy still says of the session what the visit was decided by, looked at first, and last in the turn of "go": a reload comes either
//    before, and the visit is decided again (visit.ts), or after, and judges the live connection (judge-anew.ts). Attack: a reload that takes a
//    session away finds no connection yet, and the connection comes into being under the old policy.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { startTimeOf } from '../../adapters/processes.ts';
import { removeState, writeState } from '../../adapters/state-file.ts';
import { asAccount } from '../../adapters/tmux-account.ts';
import { attachArgv, tell } from '../../adapters/tmux.ts';
import { isBreakGlass } from '../../core/break-glass.ts';
import type { EventFields } from '../../core/events/events.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { connectionId, idBytes } from '../../core/ids.ts';
import { Refused } from '../../core/refusal.ts';
import type { Person } from '../../core/request.ts';
import { leastOf, modeFields } from '../../core/access-mode.ts';
import { isCurrent } from '../../core/policy.ts';
import { personOf } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import { stillEnding, welcome } from '../../core/messages/attached.ts';
import { connectionEnds } from '../../core/messages/ends.ts';
import { keysLines } from '../../core/messages/inside.ts';
import type { Go } from '../../wire/messages.ts';
import { expiredLines } from '../connections/farewell.ts';
import { connectionPath, endOf, type Connection, type ConnectionState } from '../connections/connection.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { checkLock } from '../identity/check-lock.ts';
import { firstRule, moderate } from '../connections/moderation.ts';
import { checkSpace } from '../recordings/free-space.ts';
import { approverBy } from '../identity/on-call.ts';
import type { Session } from '../sessions/session.ts';
import type { AttachPlan } from './decide.ts';
import { readGrants } from '../grants/read-grants.ts';
import type { Visitor } from '../identity/visitor.ts';
import type { AttachTarget } from './view-target.ts';
import { checkRoom } from './room.ts';
import type { SignedIn } from './signed-in.ts';

/**
 * Opens the session, registers the connection, says "go".
 * @throws Refused, CHANGED_MEANWHILE for rule 5; then nothing is left of the connection, nor of a session that was started for it alone
 */
export async function admit(context: Context, visit: SignedIn, target: AttachTarget): Promise<Connection> {
  checkPolicy(context, target.plan);
  const session = await opened(context, visit.conversation, target.plan, personOf(visit.who));
  try {
    const connection = await connect(context, visit, target, session);
    context.sessions.release(session, 'entered');
    return connection;
  } catch (error) {
    context.sessions.release(session, 'refused');
    throw error;
  }
}

async function connect(
  context: Context,
  visit: SignedIn,
  { plan, live }: AttachTarget,
  session: Session,
): Promise<Connection> {
  const { conversation, visitor } = visit;
  const secret = Buffer.from(context.random(32)).toString('hex');
  const state = {
    ...(await describe(context, visit, { plan, live })),
    secret: createHash('sha256').update(secret).digest('hex'),
  };
  await writeState(connectionPath(context, state.id), state, false);
  const cgroup = await context.cgroups.create('c', state.id).catch(async (error: unknown) => {
    await removeState(connectionPath(context, state.id));
    throw error;
  });
  const connection = registered(context, state, cgroup, conversation);
  let go: Go;
  try {
    // Nothing may be awaited between these two: if two visits come at once, the second must find the first.
    checkRoom(context, plan.policy, state.who);
    context.connections.add(connection);
    await lastLook(context, conversation, live);
    await checkSpace(context, isBreakGlass(live.grant));
    await makeFolder(context, recordingFolder(context, state.since));
    await context.recordings.begin(state);
    const told = { ...facts(state, live), server: session.id };
    await context.outbox.begin(endOf(state), async () => context.journal.write('connected', told));
    connection.begun = true;
    lastMoment(context, connection, { plan, live });
    const fixed = isBreakGlass(live.grant) ? { fixed: true } : {};
    go = { ...goMessage(context, connection, session, { plan, visitor }), secret, ...fixed };
  } catch (error) {
    await context.connections.end(connection, { why: connectionEnds.refused, lines: [], exit: 77 });
    throw error;
  }
  connection.entered = true;
  conversation.note([
    welcome(live.grant, connection.end, connection.end - context.now()),
    ...keysLines(plan.policy, context.host, state.mode ?? 'type'),
    '',
  ]);
  conversation.go(go);
  moderate(context, state.session);
  void tell(session.server, session.account, 'end', Math.floor(connection.end / 1000));
  return connection;
}

/** A session that is ending is not used: the visit waits for its end, says so, and starts a new one. */
async function opened(
  context: Context,
  conversation: Conversation,
  { policy, account }: AttachPlan,
  who: Person,
): Promise<Session> {
  if (context.sessions.isEnding(policy.name, who)) conversation.note([stillEnding(policy.name)]);
  return context.sessions.open(policy, account, who);
}

function registered(
  context: Context,
  state: ConnectionState,
  cgroup: Connection['cgroup'],
  conversation: Conversation,
): Connection {
  const fresh = {
    entered: false,
    begun: false,
    returning: undefined,
    reminded: Infinity,
    over: undefined,
    farewell: undefined,
  };
  return { state, cgroup, conversation, end: state.end, input: firstRule(context, state), ...fresh };
}

/** The state of the new connection, without its secret. */
async function describe(
  context: Context,
  { visitor, who }: SignedIn,
  { plan, live }: AttachTarget,
): Promise<Omit<ConnectionState, 'secret'>> {
  const id = connectionId(context.random(idBytes.connection));
  const since = context.now();
  const { pid } = visitor.hello;
  const startTime = await startTimeOf(pid);
  if (startTime === undefined) throw new Refused('CANCELLED', {}, 'the gate is gone');
  const { grant } = live;
  return {
    ...{
      id,
      session: grant.session,
      who: personOf(who),
      address: sanitizeLine(visitor.address, 128),
      fingerprint: visitor.fingerprint,
    },
    ...{ grant: grant.id, request: grant.request, reason: grant.reason, approvers: grant.approvers },
    ...(grant.auto === undefined ? {} : { auto: grant.auto }),
    ...{ recording: `${recordingFolder(context, since)}/${id}.cast`, since, end: effectiveEnd(live) },
    gate: { pid, startTime },
    ...modeFields(leastOf(plan.mode, grant)),
    ...(plan.as === undefined ? {} : { as: plan.as }),
    approves: await approverBy(context, plan.policy, who),
  };
}

/** Rule 2: the store, the tombstones and the live grants must all still agree. @throws Refused GRANT_OVER */
async function lastLook(context: Context, conversation: Conversation, live: LiveGrant): Promise<void> {
  const { host, session, who, id } = live.grant;
  if (isBreakGlass(live.grant)) return conversation.gone.throwIfAborted(); // not in the store; `lastMoment` checks it
  const found = await readGrants(context, { host, session, login: who.login });
  if (!found.some(({ grant }) => grant.id === id)) throw new Refused('GRANT_OVER', { host, session });
  conversation.gone.throwIfAborted();
}

/** Rule 5. @throws Refused CHANGED_MEANWHILE */
function checkPolicy({ config, host }: Context, { policy }: AttachPlan): void {
  if (!isCurrent(config, policy)) throw new Refused('CHANGED_MEANWHILE', { host }, 'another policy was taken');
}

/**
 * Nothing may be awaited between this and "go": an end that came while the journal was written is seen here.
 * @throws Refused LOCKED, GRANT_OVER, CHANGED_MEANWHILE
 */
function lastMoment(context: Context, connection: Connection, { plan, live }: AttachTarget): void {
  checkPolicy(context, plan);
  checkLock(context, connection.state.who.login);
  const { host, session, id } = live.grant;
  const lost =
    context.liveGrants.find(id) === undefined || connection.over !== undefined || context.now() >= connection.end;
  if (lost) throw new Refused('GRANT_OVER', { host, session });
  connection.conversation?.gone.throwIfAborted();
}

function facts(state: ConnectionState, live: LiveGrant): Omit<EventFields<'connected'>, 'server'> {
  const { id, who, session, address, fingerprint, grant, request, approvers, auto, reason, recording, end } = state;
  const { mode = 'type', as } = state;
  const window = { start: live.grant.start, end };
  const claimed = { address, fingerprint };
  return {
    connection: id,
    login: who.login,
    identity: who,
    claimed,
    session,
    mode,
    // An approver who views does so under another person's grant.
    ...(as === undefined ? {} : { as, grantOf: live.grant.who }),
    grant,
    request,
    approvers,
    ...(auto === undefined ? {} : { auto }),
    reason,
    window,
    recording,
  };
}

async function makeFolder(context: Context, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 }).catch((error: unknown) => {
    throw new Refused('RECORDING_DOWN', { host: context.host }, error);
  });
}

function recordingFolder(context: Context, at: number): string {
  return `${context.layout.recordings}/${new Date(at).toISOString().slice(0, 10)}`;
}

/** A connection that only views has no keys to send, so it is never idle. */
function idleOf({ policy: { idle } }: AttachPlan, { input }: Connection): Pick<Go, 'idle'> {
  return idle === undefined || input === 'never' ? {} : { idle: { warn: idle.warnMs, end: idle.endMs } };
}

function goMessage(
  context: Context,
  connection: Connection,
  session: Session,
  { plan, visitor }: { readonly plan: AttachPlan; readonly visitor: Visitor },
): Omit<Go, 'secret'> {
  const { state, cgroup, end } = connection;
  const { utf8 } = visitor.hello;
  const { name, uid, gid } = plan.account;
  return {
    t: 'go',
    ...{ id: state.id, end, host: context.host, session: state.session },
    account: { name, uid, gid },
    service: { uid: context.service.uid, gid: context.service.gid },
    cgroup: cgroup.procsFile,
    client: asAccount(
      plan.account,
      cgroup.procsFile,
      attachArgv({ socket: session.server.socket, session: state.session, utf8, view: connection.input === 'never' }),
    ),
    ...{
      term: plan.term,
      utf8,
      recording: state.recording,
      quota: context.config.recordings.quotaBytes,
      recordInput: plan.policy.record === 'output+input',
    },
    input: connection.input,
    ...idleOf(plan, connection),
    expired: [...expiredLines(context, { ...state, end })],
  };
}
