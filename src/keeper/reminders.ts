// The courtesy inside the session: a tmux message before the end. The relay's bell and title are what the session cannot
// prevent; this is what the others in it see (design section 6).
import { terminalOf } from '../adapters/processes.ts';
import { message } from '../adapters/tmux.ts';
import { formatDuration, minute } from '../core/time.ts';
import type { Connection } from './connections.ts';
import type { House } from './house.ts';
import type { Session } from './sessions.ts';

const before = [10 * minute, 5 * minute, minute] as const;
const lookEveryMs = 5_000;
/** How long a client may take from "go" until it is attached: milliseconds. Later, one that is not there is not waited for. */
const clientStartMs = 30_000;
/** A connection's fence holds its client; what that client was made to run beside it is not looked through. */
const clientsLimit = 8;

/** Reminds until the signal aborts; costs nothing while nobody is attached. */
export function remind(house: House, signal: AbortSignal): void {
  const timer = setInterval(() => {
    for (const connection of house.connections.all()) remindOne(house, connection);
  }, lookEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}

/** @returns which reminder there is with so much left: milliseconds before the end; undefined for none yet. */
export const dueAt = (left: number): number | undefined => before.filter((threshold) => left <= threshold).at(-1);

function remindOne(house: House, connection: Connection): void {
  const left = connection.end - house.now();
  const due = dueAt(left);
  if (due === undefined || due >= connection.reminded) {
    if (due === undefined) connection.reminded = Infinity;
    return;
  }
  const last = connection.reminded;
  connection.reminded = due;
  void showToAll(house, connection, `${formatDuration(left)} left`).then((shown) => {
    // Who has been let in a moment ago has no client yet: the next look tells them.
    if (!shown && house.now() - connection.state.since < clientStartMs) connection.reminded = last;
    else if (due === before[0] && left > 9 * minute) tellWhoIsOnCall(house, connection);
  });
}

/**
 * Shows a line in the status of each client of the connection's session.
 * @param said what is said of the connection's person, whose login stands before it.
 * @returns whether the client of this connection was there. Never rejects.
 */
export async function showToAll(house: House, connection: Connection, said: string): Promise<boolean> {
  const { session: name, who } = connection.state;
  const session = house.sessions.find(name, who);
  if (session === undefined) return false;
  const text = `${who.login}: ${said}`;
  const there = house.connections
    .all()
    .filter((other) => house.sessions.find(other.state.session, other.state.who) === session);
  const shown = await Promise.all(
    there.map(async (other) => ((await showTo(session, other, text)) ? other : undefined)),
  );
  return shown.includes(connection);
}

async function showTo(session: Session, { fence }: Connection, text: string): Promise<boolean> {
  const inside = await fence.processes().catch(() => []);
  const terminals = await Promise.all(inside.slice(0, clientsLimit).map(async ({ pid }) => terminalOf(pid)));
  for (const terminal of new Set(terminals))
    if (terminal !== undefined && (await message(session.server, session.account, text, terminal))) return true;
  return false;
}

function tellWhoIsOnCall(house: House, { state }: Connection): void {
  const { session, grant, request, who } = state;
  house.notifier.send({ event: 'ten-minutes-left', host: house.host, session, grant, request, login: who.login });
}
