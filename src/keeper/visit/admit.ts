// Admission has an order, and the cgroup is its ticket (design section 1):
//
// 1. The state of the connection is written and its cgroup made, so that a restarted keeper knows of it whatever happens next.
// 2. The grant's timer runs already (the book); the grant and the tombstones are read anew *after* the connection is registered:
//    a revocation that came in between finds either the connection or no grant (M18).
// 3. The journal has it on disk before the gate hears "go" (law 7).
// 4. Whatever fails, or ends the grant meanwhile, ends the cgroup; a child that comes late finds no cgroup to join and exits.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { startTimeOf } from '../../adapters/processes.ts';
import { removeState, writeState } from '../../adapters/state-file.ts';
import { asAccount } from '../../adapters/tmux-account.ts';
import { attachArgv, tell } from '../../adapters/tmux.ts';
import { isBreakGlass } from '../../core/break-glass.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { connectionId, idBytes } from '../../core/ids.ts';
import { Refused } from '../../core/refusal.ts';
import type { Person } from '../../core/request.ts';
import { leastOf, sightOf } from '../../core/sight.ts';
import { personOf, type SignIn } from '../../core/sign-in.ts';
import { line } from '../../core/text.ts';
import { formatClock, formatDuration } from '../../core/time.ts';
import type { Go } from '../../wire/messages.ts';
import { connectionPath, endOf, expiredLines, type Connection, type ConnectionState } from '../connections.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';
import { checkLock } from '../locks.ts';
import { firstRule, moderate } from '../moderation.ts';
import { approverBy } from '../on-call.ts';
import type { Session } from '../sessions.ts';
import type { Wish } from './decide.ts';
import { readGrants } from './grant.ts';
import type { Visitor } from './identify.ts';
import { keysLines } from './inside.ts';
import { checkRoom } from './room.ts';

/** @throws Refused; then nothing of the connection is left, nor of a session that was started for it alone. */
export async function admit(
  house: House,
  door: Door,
  who: SignIn,
  visitor: Visitor,
  wish: Wish,
  live: LiveGrant,
): Promise<Connection> {
  const session = await opened(house, door, wish, personOf(who));
  try {
    const connection = await connect(house, door, who, visitor, wish, live, session);
    house.sessions.release(session, 'entered');
    return connection;
  } catch (error) {
    house.sessions.release(session, 'refused');
    throw error;
  }
}

async function connect(
  house: House,
  door: Door,
  who: SignIn,
  visitor: Visitor,
  wish: Wish,
  live: LiveGrant,
  session: Session,
): Promise<Connection> {
  const secret = Buffer.from(house.random(32)).toString('hex');
  const state = await describe(house, who, visitor, wish, live, secret);
  await writeState(connectionPath(house, state.id), state, false);
  const fence = await house.cgroups.create('c', state.id).catch(async (error: unknown) => {
    await removeState(connectionPath(house, state.id));
    throw error;
  });
  const connection = registered(house, state, fence, door);
  let go: Go;
  try {
    // Nothing may be awaited between these two: of two who come at once, the second finds the first.
    checkRoom(house, wish.policy, state.who);
    house.connections.add(connection);
    await lastLook(house, door, live);
    await makeFolder(house, recordingFolder(house, state.since));
    const told = { ...facts(state, live), server: session.id };
    await house.outbox.begin(endOf(state), async () => house.journal.write('connected', told));
    connection.begun = true;
    lastMoment(house, connection, live);
    const fixed = isBreakGlass(live.grant) ? { fixed: true } : {};
    go = { ...goMessage(house, connection, session, wish, visitor, secret), ...fixed };
  } catch (error) {
    await house.connections.end(connection, { why: 'refused at the last look', lines: [], exit: 77 });
    throw error;
  }
  connection.entered = true;
  door.note([
    `  ${live.grant.session} on ${house.host} until ${formatClock(connection.end)} (${formatDuration(connection.end - house.now())} left).`,
    ...keysLines(wish.policy, house.host, state.mode ?? 'type'),
    '',
  ]);
  door.go(go);
  moderate(house, state.session);
  void tell(session.server, session.account, 'end', Math.floor(connection.end / 1000));
  return connection;
}

/** A session that is on its way out is not come back to: it ends first, and the wait is explained. */
async function opened(house: House, door: Door, { policy, account }: Wish, who: Person): Promise<Session> {
  if (house.sessions.isEnding(policy.name, who))
    door.note([`  ${policy.name} is ending; a fresh one starts as soon as it has.`]);
  return house.sessions.open(policy, account, who);
}

function registered(house: House, state: ConnectionState, fence: Connection['fence'], door: Door): Connection {
  const fresh = {
    entered: false,
    begun: false,
    returning: undefined,
    reminded: Infinity,
    over: undefined,
    farewell: undefined,
  };
  return { state, fence, door, end: state.end, input: firstRule(house, state), ...fresh };
}

async function describe(
  house: House,
  who: SignIn,
  visitor: Visitor,
  wish: Wish,
  live: LiveGrant,
  secret: string,
): Promise<ConnectionState> {
  const id = connectionId(house.random(idBytes.connection));
  const since = house.now();
  const { pid } = visitor.hello;
  const startTime = await startTimeOf(pid);
  if (startTime === undefined) throw new Refused('CANCELLED', {}, 'the gate is gone');
  const { grant } = live;
  return {
    ...{
      id,
      session: grant.session,
      who: personOf(who),
      address: line(visitor.address, 128),
      fingerprint: visitor.fingerprint,
    },
    ...{ grant: grant.id, request: grant.request, reason: grant.reason, approvers: grant.approvers },
    ...(grant.auto === undefined ? {} : { auto: grant.auto }),
    ...{ recording: `${recordingFolder(house, since)}/${id}.cast`, since, end: effectiveEnd(live) },
    secret: createHash('sha256').update(secret).digest('hex'),
    gate: { pid, startTime },
    ...sightOf(leastOf(wish.mode, grant)),
    ...(wish.as === undefined ? {} : { as: wish.as }),
    approves: await approverBy(house, wish.policy, who),
  };
}

/** Rule 2: the board, the tombstones and the book must all still agree. */
async function lastLook(house: House, door: Door, live: LiveGrant): Promise<void> {
  const { host, session, who, id } = live.grant;
  if (isBreakGlass(live.grant)) return door.gone.throwIfAborted(); // on no board; the book speaks at the last moment
  const found = await readGrants(house, { host, session, login: who.login });
  if (!found.some(({ grant }) => grant.id === id)) throw new Refused('GRANT_OVER', { host, session });
  door.gone.throwIfAborted();
}

/** Nothing may be awaited between this and "go": an end that came during the journal's write has been heard by now. */
function lastMoment(house: House, connection: Connection, live: LiveGrant): void {
  checkLock(house, connection.state.who.login);
  const { host, session, id } = live.grant;
  const lost = house.book.find(id) === undefined || connection.over !== undefined || house.now() >= connection.end;
  if (lost) throw new Refused('GRANT_OVER', { host, session });
  connection.door?.gone.throwIfAborted();
}

function facts(state: ConnectionState, live: LiveGrant): Record<string, unknown> {
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
    // Whoever looks on as an approver does so under another person's grant.
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

async function makeFolder(house: House, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 }).catch((error: unknown) => {
    throw new Refused('RECORDING_DOWN', { host: house.host }, error);
  });
}

function recordingFolder(house: House, at: number): string {
  return `${house.layout.recordings}/${new Date(at).toISOString().slice(0, 10)}`;
}

/** Who has no keys to leave alone is not idle. */
function idleOf({ policy: { idle } }: Wish, { input }: Connection): Pick<Go, 'idle'> {
  return idle === undefined || input === 'never' ? {} : { idle: { warn: idle.warnMs, end: idle.endMs } };
}

function goMessage(
  house: House,
  connection: Connection,
  session: Session,
  wish: Wish,
  visitor: Visitor,
  secret: string,
): Go {
  const { state, fence, end } = connection;
  const { utf8 } = visitor.hello;
  const { name, uid, gid } = wish.account;
  return {
    t: 'go',
    ...{ id: state.id, secret, end, host: house.host, session: state.session },
    account: { name, uid, gid },
    service: { uid: house.service.uid, gid: house.service.gid },
    cgroup: fence.procsFile,
    client: asAccount(
      wish.account,
      fence.procsFile,
      attachArgv({ socket: session.server.socket, session: state.session, utf8, view: connection.input === 'never' }),
    ),
    ...{ term: wish.term, utf8, recording: state.recording, recordInput: wish.policy.record === 'output+input' },
    input: connection.input,
    ...idleOf(wish, connection),
    expired: [...expiredLines(house, { ...state, end })],
  };
}
