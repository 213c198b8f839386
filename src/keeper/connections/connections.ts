// The live connections of this host.
//
// 1. To end a connection, the keeper tells the gate, kills the cgroup until it is empty and removed, and kills a gate that is still there
//    after 1.5 seconds. Attack: a gate that hangs or lies keeps access open (law 4).
// 2. Only processes whose recorded start time matches are killed. Accident: another process has got the pid since.
// 3. The journal says what was killed and why the connection ended (law 6).
import { isSame, killSame } from '../../adapters/processes.ts';
import { removeState, writeState } from '../../adapters/state-file.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { toOthers } from '../../core/messages/attached.ts';
import { dueAt } from './due-reminder.ts';
import { governingGrant, type GoverningGrantDeps } from './governing-grant.ts';
import { connectionPath, endOf, type Connection, type ConnectionDeps, type EndOfConnection } from './connection.ts';
import { expiredLines, type FarewellDeps } from './farewell.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Journal } from '../../adapters/journal/journal.ts';

export interface ConnectionsDeps extends GoverningGrantDeps, ConnectionDeps, FarewellDeps {
  now(): number;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly journal: Journal;
  readonly outbox: Outbox;
}

/** Registers, lists and ends connections. */
export interface Connections {
  /** Registers a connection: from here on, an end finds it. */
  add(connection: Connection): void;
  all(): readonly Connection[];
  /**
   * Ends a connection (rule 1); resolves when nothing is left of it. A second call waits for the first end.
   * @throws when its cgroup cannot be ended; its state file stays for the next keeper
   */
  end(connection: Connection, end: EndOfConnection): Promise<void>;
  /**
   * After a grant came or went: gives each connection of the session the end of its grant, and ends those without a grant.
   * @param says the reason of those ends.
   */
  reevaluateDeadlines(session: string, says: EndOfConnection): Promise<void>;
  /** Call it when something that others see of a connection has changed. */
  changed(): void;
  /** Calls `hear` at each change, and when a connection comes or goes. */
  onChange(hear: () => void): void;
  /** Calls `hear` in the same turn of the event loop in which an end begins (moderation.ts, rule 1). */
  onEnding(hear: (session: string) => void): void;
  /** Calls `hear` when nothing is left of a connection, or it could not be ended. */
  onGone(hear: (connection: Connection) => void): void;
  /** Calls `hear` after a deadline was moved and the gate was told. @param from the deadline before: milliseconds since the epoch. */
  onDeadlineMoved(hear: (connection: Connection, from: number) => void): void;
}

/** How long a gate may take to leave after it was told to. */
const farewellMs = 1_500;

/** What the steps of a connection need besides `ConnectionsDeps`: ways to tell others. */
interface Live extends ConnectionsDeps {
  end(connection: Connection, how: EndOfConnection): Promise<void>;
  changed(): void;
  moved(connection: Connection, from: number): void;
}

/** No connections yet. */
export function openConnections(deps: ConnectionsDeps): Connections {
  const live = new Map<string, Connection>();
  const changes: (() => void)[] = [];
  const endings: ((session: string) => void)[] = [];
  const gones: ((connection: Connection) => void)[] = [];
  const moves: ((connection: Connection, from: number) => void)[] = [];
  const changed = (): void => changes.forEach((hear) => hear());
  const end = async (connection: Connection, how: EndOfConnection): Promise<void> => {
    if (connection.over === undefined) {
      connection.over = close(deps, connection, how).finally(() => {
        live.delete(connection.state.id);
        gones.forEach((hear) => hear(connection));
        changed();
      });
      endings.forEach((hear) => hear(connection.state.session));
    }
    return connection.over;
  };
  const moved = (connection: Connection, from: number): void => moves.forEach((hear) => hear(connection, from));
  const parts: Live = { ...deps, end, changed, moved };
  return {
    add: (connection) => {
      live.set(connection.state.id, connection);
      changed();
    },
    all: () => [...live.values()],
    end,
    reevaluateDeadlines: async (session, says) => {
      const here = [...live.values()].filter((connection) => connection.state.session === session);
      await Promise.all(here.map(async (connection) => reevaluate(parts, connection, says)));
    },
    changed,
    onChange: (hear) => changes.push(hear),
    onEnding: (hear) => endings.push(hear),
    onGone: (hear) => gones.push(hear),
    onDeadlineMoved: (hear) => moves.push(hear),
  };
}

async function reevaluate(parts: Live, connection: Connection, says: EndOfConnection): Promise<void> {
  const { id } = connection.state;
  if (governingGrant(parts, connection.state) === undefined) return parts.end(connection, says);
  // One after another, each from the live grants of that moment: a grant that ends while a deadline is written must not be used for it.
  await parts.oneByOne(`deadline ${id}`, async () => {
    const live = governingGrant(parts, connection.state);
    if (live !== undefined) await moveDeadline(parts, connection, live);
  });
}

async function moveDeadline(parts: Live, connection: Connection, live: LiveGrant): Promise<void> {
  const end = effectiveEnd(live);
  if (end === connection.end || connection.over !== undefined) return;
  const { id, session, who } = connection.state;
  const { id: grant, request, reason, approvers } = live.grant;
  const before = connection.end;
  const [from, to] = [formatInstant(before), formatInstant(end)];
  await parts.journal.write('deadline-moved', { connection: id, grant, from, to });
  connection.end = end;
  connection.reminded = dueAt(end - parts.now()) ?? Infinity; // listeners of the move say what is left
  connection.state = { ...connection.state, grant, request, reason, approvers, end };
  parts.changed();
  await writeState(connectionPath(parts, id), connection.state, false);
  // A gate before "go" takes no deadline; "go" will have this one.
  if (connection.entered) connection.conversation?.deadline(end, expiredLines(parts, { session, who, end }));
  parts.moved(connection, before);
}

/** Carries out an end (rule 1). @throws when the cgroup cannot be ended */
async function close(deps: ConnectionsDeps, connection: Connection, how: EndOfConnection): Promise<void> {
  const { state, cgroup, conversation } = connection;
  connection.farewell = how;
  if (connection.entered) conversation?.cut(how.lines, how.exit);
  const owed = endOf(state, { why: toOthers(how.why) });
  // Both at once: a process that does not die must not delay the end of the gate, nor the other way round.
  const [ended] = await Promise.allSettled([
    cgroup.end(undefined, async (killed) =>
      connection.begun ? deps.outbox.intend({ ...owed, gone: { killed } }) : undefined,
    ),
    connection.entered ? gone(connection) : undefined,
  ]);
  // Its state file stays: the next keeper ends what this one could not.
  if (ended.status === 'rejected') throw ended.reason;
  const forget = async (): Promise<void> => removeState(connectionPath(deps, state.id));
  if (!connection.begun) return deps.outbox.withdraw(owed).then(forget);
  const facts = { ...owed.facts, lasted: formatDuration(deps.now() - state.since) };
  // The state file goes last: if the keeper dies before the record, the next one finds the file or the whole outbox entry.
  await deps.outbox.recordAndForget({ ...owed, facts, gone: { killed: ended.value } }, forget);
}

/**
 * Waits until the gate has left, then kills it if it has not. A gate that is coming back after a keeper's restart gets that time too:
 * killed at once, it would leave the person's terminal with the modes of the session.
 */
async function gone({ state, conversation, returning }: Connection): Promise<void> {
  const { pid, startTime } = state.gate;
  const late = AbortSignal.timeout(farewellMs);
  await Promise.race([
    conversation === undefined ? returning?.promise.then(async (back) => back.closed) : conversation.closed,
    new Promise<void>((resolve) => late.addEventListener('abort', () => resolve())),
  ]);
  if (await isSame(pid, startTime)) await killSame(pid, startTime, 'SIGKILL');
}
