// The courtesy inside the session: a tmux message before the end. The relay's bell and title are what the session cannot
// prevent; this is what the others in it see (docs/design.md, "The end of access").
import { terminalOf } from '../../adapters/processes.ts';
import { message, tell } from '../../adapters/tmux.ts';
import { formatClock, formatDuration, minute } from '../../core/time.ts';
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
/** How long a client may take from "go" until it is attached: milliseconds. Later, one that is not there is not waited for. */
const clientStartMs = 30_000;
/** A connection's fence holds its client; what that client was made to run beside it is not looked through. */
const clientsLimit = 8;

/** Reminds until the signal aborts; costs nothing while nobody is attached. */
export function remind(deps: RemindersDeps, signal: AbortSignal): void {
  const timer = setInterval(() => {
    for (const connection of deps.connections.all()) remindOne(deps, connection);
  }, lookEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** Tells the people in a session that somebody's end was moved. */
export function showMovedDeadlines(deps: RemindersDeps): void {
  deps.connections.onDeadlineMoved((connection, from) => {
    const { end } = connection;
    countDown(deps, connection);
    const becomes = end > from ? 'goes on' : 'is shortened: it goes on';
    void showToAll(deps, connection, `the window ${becomes} until ${formatClock(end)}`);
  });
}

/** A courtesy: the clock in the session's status line. */
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
  void showToAll(deps, connection, `${formatDuration(left)} left`).then((shown) => {
    // Who has been let in a moment ago has no client yet: the next look tells them.
    if (!shown && deps.now() - connection.state.since < clientStartMs) connection.reminded = last;
    else if (due === reminders[0] && left > 9 * minute) tellWhoIsOnCall(deps, connection);
  });
}

/**
 * Shows a line in the status of each client of the connection's session.
 * @param said what is said of the connection's person, whose login stands before it.
 * @returns whether the client of this connection was there. Never rejects.
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
