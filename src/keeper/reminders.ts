// The courtesy inside the session: a tmux message before the end. The relay's bell and title are what the session cannot
// prevent; this is what the others in it see (design section 6).
import { message } from '../adapters/tmux.ts';
import { formatDuration, minute } from '../core/time.ts';
import type { Connection } from './connections.ts';
import type { House } from './house.ts';

const before = [10 * minute, 5 * minute, minute] as const;
const lookEveryMs = 5_000;

/** Reminds until the signal aborts; costs nothing while nobody is attached. */
export function remind(house: House, signal: AbortSignal): void {
  const timer = setInterval(() => {
    for (const connection of house.connections.all()) remindOne(house, connection);
  }, lookEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer));
}

function remindOne(house: House, connection: Connection): void {
  const left = connection.end - house.now();
  const due = before.filter((threshold) => left <= threshold).at(-1);
  if (due === undefined || due >= connection.reminded) {
    if (due === undefined) connection.reminded = Infinity;
    return;
  }
  connection.reminded = due;
  if (due === before[0] && left > 9 * minute) tellWhoIsOnCall(house, connection);
  const session = house.sessions.find(connection.state.session, connection.state.who);
  if (session === undefined) return;
  void message(session.server, session.account, `${connection.state.who.login}: ${formatDuration(left)} left`);
}

function tellWhoIsOnCall(house: House, { state }: Connection): void {
  const { session, grant, request, who } = state;
  house.notifier.send({ event: 'ten-minutes-left', host: house.host, session, grant, request, login: who.login });
}
