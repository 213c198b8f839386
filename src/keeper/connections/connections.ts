// The live connections of this host.
//
// 1. Every end is: the relay is told to cut, the cgroup is killed until it is gone, and a relay that is still there after its
//    time is killed too, so that a gate that hangs or lies keeps nobody's access open (law 4).
// 2. The pids killed are those recorded with their start times; a reused pid is left alone.
// 3. What was killed, and why it ended, is written down (law 6).
import { toOthers } from '../render.ts';
import { isSame, killSame } from '../../adapters/processes.ts';
import { removeState, writeState } from '../../adapters/state-file.ts';
import { effectiveEnd, type LiveGrant } from '../../core/grant.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { dueAt } from './due-reminder.ts';
import { governingGrant, type GoverningGrantDeps } from './governing-grant.ts';
import { connectionPath, endOf, type Connection, type ConnectionDeps, type EndOfConnection } from './connection.ts';
import { expiredLines, type FarewellDeps } from './farewell.ts';
import type { Outbox } from '../state/outbox.ts';
import type { Journal } from '../../adapters/journal.ts';

export interface ConnectionsDeps extends GoverningGrantDeps, ConnectionDeps, FarewellDeps {
  now(): number;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly journal: Journal;
  readonly outbox: Outbox;
}

export interface Connections {
  add(connection: Connection): void;
  all(): readonly Connection[];
  end(connection: Connection, end: EndOfConnection): Promise<void>;
  /** Sets each deadline anew after a grant came or went. */
  reevaluateDeadlines(session: string, says: EndOfConnection): Promise<void>;
  /** To be called when something that others see of a connection has changed. */
  changed(): void;
  /** Told of each change, each coming and each going. */
  onChange(hear: () => void): void;
  /** Told in the same turn of the event loop in which an end begins (moderation.ts, rule 1). */
  onEnding(hear: (session: string) => void): void;
  /** Told once a deadline was moved, and its gate told. @param from where it was: instant, milliseconds. */
  onDeadlineMoved(hear: (connection: Connection, from: number) => void): void;
}

/** How long a gate may take over its farewell: milliseconds. */
const farewellMs = 1_500;

/** What a connection's steps need beside `ConnectionsDeps`: how others hear of them. */
interface Live extends ConnectionsDeps {
  end(connection: Connection, how: EndOfConnection): Promise<void>;
  changed(): void;
  moved(connection: Connection, from: number): void;
}

export function openConnections(deps: ConnectionsDeps): Connections {
  const live = new Map<string, Connection>();
  const changes: (() => void)[] = [];
  const endings: ((session: string) => void)[] = [];
  const moves: ((connection: Connection, from: number) => void)[] = [];
  const changed = (): void => changes.forEach((hear) => hear());
  const end = async (connection: Connection, how: EndOfConnection): Promise<void> => {
    if (connection.over === undefined) {
      connection.over = close(deps, connection, how).finally(() => {
        live.delete(connection.state.id);
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
    onDeadlineMoved: (hear) => moves.push(hear),
  };
}

async function reevaluate(parts: Live, connection: Connection, says: EndOfConnection): Promise<void> {
  const { id } = connection.state;
  if (governingGrant(parts, connection.state) === undefined) return parts.end(connection, says);
  // One after another, each by the live grants as they are then: one that goes while its deadline is written must not win.
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
  connection.reminded = dueAt(end - parts.now()) ?? Infinity; // whoever hears of the move says what is left
  connection.state = { ...connection.state, grant, request, reason, approvers, end };
  parts.changed();
  await writeState(connectionPath(parts, id), connection.state, false);
  // A gate before "go" understands none; it hears of this end with "go".
  if (connection.entered) connection.conversation?.deadline(end, expiredLines(parts, { session, who, end }));
  parts.moved(connection, before);
}

/** Rule 1: told, killed, and made sure of. */
async function close(deps: ConnectionsDeps, connection: Connection, how: EndOfConnection): Promise<void> {
  const { state, cgroup, conversation } = connection;
  connection.farewell = how;
  if (connection.entered) conversation?.cut(how.lines, how.exit);
  const owed = endOf(state, { why: toOthers(how.why) });
  // Side by side: neither a process that does not die nor a gate that does not leave delays the end of the other.
  const [ended] = await Promise.allSettled([
    cgroup.end(undefined, async (killed) =>
      connection.begun ? deps.outbox.intend({ ...owed, gone: { killed } }) : undefined,
    ),
    connection.entered ? gone(connection) : undefined,
  ]);
  // Its state stays: the next keeper that can fence ends what this one could not.
  if (ended.status === 'rejected') throw ended.reason;
  const forget = async (): Promise<void> => removeState(connectionPath(deps, state.id));
  if (!connection.begun) return deps.outbox.withdraw(owed).then(forget);
  const facts = { ...owed.facts, lasted: formatDuration(deps.now() - state.since) };
  // Its state goes last: a keeper that dies before the record finds it, or an entry that holds all of it.
  await deps.outbox.recordAndForget({ ...owed, facts, gone: { killed: ended.value } }, forget);
}

/** A gate that is on its way back after a keeper's restart is told as well: killed, it would leave a terminal that nobody put right. */
async function gone({ state, conversation, returning }: Connection): Promise<void> {
  const { pid, startTime } = state.gate;
  const late = AbortSignal.timeout(farewellMs);
  await Promise.race([
    conversation === undefined ? returning?.promise.then(async (back) => back.closed) : conversation.closed,
    new Promise<void>((resolve) => late.addEventListener('abort', () => resolve())),
  ]);
  if (await isSame(pid, startTime)) await killSame(pid, startTime, 'SIGKILL');
}
