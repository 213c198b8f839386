// From "go" to the end: the connection lives until the relay reports its end, the socket closes, or a grant ends it elsewhere.
import { alarm } from '../alarms.ts';
import type { Connection } from '../connections.ts';
import type { Door } from '../door.ts';
import type { House } from '../house.ts';

/** Resolves when nothing of the connection is left. */
export async function watch(house: House, door: Door, connection: Connection): Promise<void> {
  const why = await Promise.race([reported(house, door, connection), door.closed.then(() => 'the line was lost')]);
  await house.connections.end(connection, { why, lines: [], exit: 0 });
}

async function reported(house: House, door: Door, connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    door.onReport((message) => {
      if (message.t === 'ended') {
        if (message.why === 'recording') alarm(house, 'RECORDING_DOWN');
        return resolve(reasons[message.why]);
      }
      if (message.t === 'stopped') {
        // The client alone is in its cgroup: what stopped it belongs to the session.
        house.log.info('client-continued', { connection: connection.state.id });
        return void connection.fence.signal('SIGCONT');
      }
      house.log.info('attached', { connection: connection.state.id, pid: message.pid });
    });
  });
}

const reasons = {
  detached: 'the person left',
  cut: 'expired',
  idle: 'idle',
  line: 'the line was lost',
  recording: 'the recording could not be written',
  failed: 'tmux could not attach',
} as const;
