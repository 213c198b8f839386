// The live connections of this host.
//
// 1. Every end is: the relay is told to cut, the cgroup is killed until it is gone, and a relay that is still there after its
//    time is killed too, so that a gate that hangs or lies keeps nobody's access open (law 4).
// 2. The pids killed are those recorded with their start times; a reused pid is left alone.
// 3. What was killed, and why it ended, is written down (law 6).
import type { Fence } from '../adapters/cgroup-fence.ts';
import { toOthers } from './render.ts';
import { isSame, killSame } from '../adapters/processes.ts';
import { removeState, writeState } from '../adapters/state-file.ts';
import { tell } from '../adapters/tmux.ts';
import { isBreakGlass } from '../core/break-glass.ts';
import { effectiveEnd, ruleShape, type Grant, type LiveGrant } from '../core/grant.ts';
import { integer, list, object, oneOf, optional, text } from '../core/shape.ts';
import type { Facts, Owed } from '../core/owed.ts';
import { formatClock, formatDuration, formatInstant } from '../core/time.ts';
import type { InputRule } from '../wire/messages.ts';
import type { Door } from './door.ts';
import type { House } from './house.ts';
import { moderate } from './moderation.ts';
import { dueAt, showToAll } from './reminders.ts';
import { standsOn } from './standing.ts';
import { personShape } from '../core/request.ts';

const stateShape = object({
  id: text(16),
  session: text(32),
  who: personShape,
  address: text(128),
  fingerprint: text(128),
  grant: text(16),
  request: text(16),
  reason: text(1000),
  approvers: list(personShape, 10),
  auto: optional(ruleShape),
  recording: text(255),
  since: integer(0),
  end: integer(0),
  /** SHA-256 of the secret with which this gate, and no other, reports back after a restart. */
  secret: text(64),
  gate: object({ pid: integer(1), startTime: integer(0) }),
  /** Looks on alone; left out: types. */
  mode: optional(oneOf('view')),
  /** Under somebody else's grant, as whoever approved it; left out: under a grant of their own. */
  as: optional(oneOf('approver')),
  /** The rules of the policy by which they were an approver of the session when they came. */
  approves: optional(list(text(400), 500)),
});
export const connectionShape = stateShape;
export type ConnectionState = NonNullable<ReturnType<typeof stateShape>>;

export interface Connection {
  /** Its grant is the one that ends last: what `revoke` must name. */
  state: ConnectionState;
  readonly fence: Fence;
  /** The gate's socket; undefined between a keeper's restart and the gate's return. */
  door: Door | undefined;
  /** That return, where it is waited for. */
  readonly returning: PromiseWithResolvers<Door> | undefined;
  /** False until "go": such a gate has no pty, understands no end, and is told by its visit why it was refused. */
  entered: boolean;
  /** Whether the record that it began is written: one that did not begin has no end. */
  begun: boolean;
  end: number;
  /** What its gate was last told of the person's keys. */
  input: InputRule;
  /** The last reminder that the session's status showed: milliseconds before the end. */
  reminded: number;
  over: Promise<void> | undefined;
  /** Once an end has begun: what its gate is told, also one that only now comes back. */
  farewell: EndOfConnection | undefined;
}

export interface EndOfConnection {
  readonly why: string;
  /** Last lines on the person's screen; none when there is nobody to read them. */
  readonly lines: readonly string[];
  readonly exit: number;
}

export interface Connections {
  add(connection: Connection): void;
  all(): readonly Connection[];
  end(connection: Connection, end: EndOfConnection): Promise<void>;
  /** Sets each deadline anew after a grant came or went. */
  review(session: string, says: EndOfConnection): Promise<void>;
}

/** How long a gate may take over its farewell: milliseconds. */
const farewellMs = 1_500;

export function openConnections(house: () => House): Connections {
  const live = new Map<string, Connection>();
  const end = async (connection: Connection, how: EndOfConnection): Promise<void> => {
    if (connection.over === undefined) {
      connection.over = close(house(), connection, how).finally(() => {
        live.delete(connection.state.id);
        house().watchers.stir();
      });
      moderate(house(), connection.state.session);
    }
    return connection.over;
  };
  return {
    add: (connection) => {
      live.set(connection.state.id, connection);
      house().watchers.stir();
    },
    all: () => [...live.values()],
    end,
    review: async (session, says) => {
      const here = [...live.values()].filter((connection) => connection.state.session === session);
      await Promise.all(here.map(async (connection) => judge(house(), connection, says, end)));
    },
  };
}

async function judge(
  house: House,
  connection: Connection,
  says: EndOfConnection,
  end: (connection: Connection, how: EndOfConnection) => Promise<void>,
): Promise<void> {
  const { id } = connection.state;
  if (standsOn(house, connection.state) === undefined) return end(connection, says);
  // One after another, each by the book as it is then: a grant that goes while its deadline is written must not win.
  await house.oneByOne(`deadline ${id}`, async () => {
    const live = standsOn(house, connection.state);
    if (live !== undefined) await moveDeadline(house, connection, live);
  });
}

async function moveDeadline(house: House, connection: Connection, live: LiveGrant): Promise<void> {
  const end = effectiveEnd(live);
  if (end === connection.end || connection.over !== undefined) return;
  const { id, session, who } = connection.state;
  const { id: grant, request, reason, approvers } = live.grant;
  const [from, to] = [formatInstant(connection.end), formatInstant(end)];
  const becomes = end > connection.end ? 'goes on' : 'is shortened: it goes on';
  await house.journal.write('deadline-moved', { connection: id, grant, from, to });
  connection.end = end;
  connection.reminded = dueAt(end - house.now()) ?? Infinity; // what is left, the line below says
  connection.state = { ...connection.state, grant, request, reason, approvers, end };
  house.watchers.stir();
  await writeState(connectionPath(house, id), connection.state, false);
  // A gate before "go" understands none; it hears of this end with "go".
  if (connection.entered) connection.door?.deadline(end, expiredLines(house, { session, who, end }));
  countDown(house, session, who, end);
  void showToAll(house, connection, `the window ${becomes} until ${formatClock(end)}`);
}

/** A courtesy: the clock in the session's status line. */
function countDown(house: House, session: string, who: ConnectionState['who'], end: number): void {
  const there = house.sessions.find(session, who);
  if (there !== undefined) void tell(there.server, there.account, 'end', Math.floor(end / 1000));
}

/** Rule 1: told, killed, and made sure of. */
async function close(house: House, connection: Connection, how: EndOfConnection): Promise<void> {
  const { state, fence, door } = connection;
  connection.farewell = how;
  if (connection.entered) door?.cut(how.lines, how.exit);
  const owed = endOf(state, { why: toOthers(how.why) });
  // Side by side: neither a process that does not die nor a gate that does not leave delays the end of the other.
  const [fenced] = await Promise.allSettled([
    fence.end(undefined, async (killed) =>
      connection.begun ? house.outbox.intend({ ...owed, gone: { killed } }) : undefined,
    ),
    connection.entered ? gone(connection) : undefined,
  ]);
  // Its state stays: the next keeper that can fence ends what this one could not.
  if (fenced.status === 'rejected') throw fenced.reason;
  const forget = async (): Promise<void> => removeState(connectionPath(house, state.id));
  if (!connection.begun) return house.outbox.withdraw(owed).then(forget);
  const facts = { ...owed.facts, lasted: formatDuration(house.now() - state.since) };
  // Its state goes last: a keeper that dies before the record finds it, or an entry that holds all of it.
  await house.outbox.recordAndForget({ ...owed, facts, gone: { killed: fenced.value } }, forget);
}

/** The record that is owed for a connection from its beginning on. */
export function endOf({ id, session, who, grant }: ConnectionState, more: Facts = {}): Owed {
  const is = { connection: id };
  return {
    event: 'disconnected',
    is,
    began: 'connected',
    facts: { ...is, session, login: who.login, identity: who, grant, ...more },
  };
}

/** A gate that is on its way back after a keeper's restart is told as well: killed, it would leave a terminal that nobody put right. */
async function gone({ state, door, returning }: Connection): Promise<void> {
  const { pid, startTime } = state.gate;
  const late = AbortSignal.timeout(farewellMs);
  await Promise.race([
    door === undefined ? returning?.promise.then(async (back) => back.closed) : door.closed,
    new Promise<void>((resolve) => late.addEventListener('abort', () => resolve())),
  ]);
  if (await isSame(pid, startTime)) await killSame(pid, startTime, 'SIGKILL');
}

export function connectionPath(house: House, id: string): string {
  return `${house.layout.connections}/${id}.json`;
}

/** The farewell of a window that ran out. */
export function expiredLines(
  { host }: House,
  { session, who, end }: Pick<ConnectionState, 'session' | 'who' | 'end'>,
): readonly string[] {
  return [
    `tmux-gate: your window in ${session} on ${host} is over (${formatInstant(end)}).`,
    isBreakGlass({ who })
      ? 'Break-glass opens nothing more until somebody has reviewed this use.'
      : `Ask again: ssh -t ${host} ${session}`,
  ];
}

export function expired(house: House, grant: Grant): EndOfConnection {
  return { why: 'expired', lines: expiredLines(house, grant), exit: 0 };
}

/** Nobody is told to ask again who was just thrown out: they may be locked, and there is somebody to talk to first. */
export function revoked(says: string): EndOfConnection {
  return { why: says, lines: [`tmux-gate: ${says}.`, 'Talk to whoever ended it before you ask again.'], exit: 77 };
}
