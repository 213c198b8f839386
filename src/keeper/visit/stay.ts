// From "go" to the end: a connection lives until the gate reports its end, the socket closes, or something else ends it.
import type { Connection } from '../connections/connection.ts';
import type { Conversation } from '../conversation.ts';
import type { Context } from '../context.ts';
import { connectionEnds } from '../../core/messages/ends.ts';

/** Follows a connection. Resolves when nothing of it is left. */
export async function stay(context: Context, conversation: Conversation, connection: Connection): Promise<void> {
  const why = await Promise.race([
    reported(context, conversation, connection),
    conversation.closed.then(() => connectionEnds.lineLost),
  ]);
  await context.connections.end(connection, { why, lines: [], exit: 0 });
}

async function reported(context: Context, conversation: Conversation, connection: Connection): Promise<string> {
  return new Promise((resolve) => {
    conversation.onReport((message) => {
      if (message.t === 'ended') {
        if (message.why === 'recording') context.alarms.raiseFor('RECORDING_DOWN');
        return resolve(reasons[message.why]);
      }
      if (message.t === 'look')
        return void context.typedLooks.answer(connection.state, message).then((answer) => conversation.looked(answer));
      if (message.t === 'stopped') {
        // Only the tmux client is in this cgroup, so nothing else is continued; a process of the session stopped it.
        context.log.info('client-continued', { connection: connection.state.id });
        return void connection.cgroup.signal('SIGCONT');
      }
      context.log.info('attached', { connection: connection.state.id, pid: message.pid });
    });
  });
}

const { left: detached, expired: cut, idle, lineLost: line, recording, quota, attach: failed } = connectionEnds;
const reasons = { detached, cut, idle, line, recording, quota, failed } as const;
