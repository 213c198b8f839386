// Reminders inside the session: a tmux message before the end, for everybody in it. The session can suppress it, but not the relay's bell
// and title (docs/design.md, "The end of access").
import { terminalOf } from '../../adapters/processes.ts';
import { message, tell } from '../../adapters/tmux.ts';
import { minute } from '../../core/time.ts';
import { movedEnd, moreTime, reminder } from '../../core/messages/attached.ts';
import { isBreakGlass } from '../../core/break-glass.ts';
import { dueAt, reminders } from './due-reminder.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { RunningServer, SessionLookup } from './session-lookup.ts';
import type { Notifier } from '../../adapters/notices/notify.ts';

export interface RemindersDeps {
  readonly connections: Connections;
  now(): number;
  readonly sessions: SessionLookup;
  readonly notifier: Notifier;
  readonly host: string;
}

const lookEveryMs = 5_000;
/** How long after "go" a client may take to attach. After that, a reminder does not wait for it. */
const clientStartMs = 30_000;
/** Processes of a connection's cgroup that are searched for its tmux client: the client may have started others. */
const clientsLimit = 8;

/** Checks all connections every five seconds until the signal aborts. */
export function remind(deps: RemindersDeps, signal: AbortSignal): void {
  const timer = setInterval(() => {
    for (const connection of deps.connections.all()) remindOne(deps, connection);
  }, lookEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** From now on tells the people in a session when somebody's deadline was moved. */
export function showMovedDeadlines(deps: RemindersDeps): void {
  deps.connections.onDeadlineMoved((connection, from) => {
    const { end } = connection;
    countDown(deps, connection);
    void showToAll(deps, connection, movedEnd(end, end > from));
  });
}

/** Sets the clock in the session's status line. */
function countDown(deps: RemindersDeps, { state: { session, who }, end }: Connection): void {
  const there = deps.sessions.find(session, who);
  if (there !== undefined) void tell(there.server, there.account, 'end', Math.floor(end / 1000));
}

function remindOne(deps: RemindersDeps, connection: Connection): void {
  const left = connection.end - deps.now();
  const due = dueAt(left);
  if (due === undefined || due >= connection.reminded) {
    if (due === undefined) connection.reminded = Infinity;
    return;
  }
  const last = connection.reminded;
  connection.reminded = due;
  const more = isBreakGlass(connection.state) ? '' : `. ${moreTime(deps.host)}`;
  void showToAll(deps, connection, `${reminder(left)}${more}`).then((shown) => {
    // A connection that has just begun has no client yet: try again at the next check.
    if (!shown && deps.now() - connection.state.since < clientStartMs) connection.reminded = last;
    else if (due === reminders[0] && left > 9 * minute) tellWhoIsOnCall(deps, connection);
  });
}

/**
 * Shows a line in the status line of each client of the connection's session.
 * @param said what is said about the connection's person; their login stands before it
 * @returns whether the client of this connection saw it. Never rejects.
 */
export async function showToAll(deps: RemindersDeps, connection: Connection, said: string): Promise<boolean> {
  const { session: name, who } = connection.state;
  const session = deps.sessions.find(name, who);
  if (session === undefined) return false;
  const text = `${who.login}: ${said}`;
  const there = deps.connections
    .all()
    .filter((other) => deps.sessions.find(other.state.session, other.state.who) === session);
  const shown = await Promise.all(
    there.map(async (other) => ((await showTo(session, other, text)) ? other : undefined)),
  );
  return shown.includes(connection);
}

async function showTo(session: RunningServer, { cgroup }: Connection, text: string): Promise<boolean> {
  const inside = await cgroup.processes().catch(() => []);
  const terminals = await Promise.all(inside.slice(0, clientsLimit).map(async ({ pid }) => terminalOf(pid)));
  for (const terminal of new Set(terminals))
    if (terminal !== undefined && (await message(session.server, session.account, text, terminal))) return true;
  return false;
}

function tellWhoIsOnCall(deps: RemindersDeps, { state }: Connection): void {
  const { session, grant, request, who } = state;
  deps.notifier.send({ event: 'ten-minutes-left', host: deps.host, session, grant, request, login: who.login });
}
