// The keeper's two sockets: one that only root can open (gates before "go", the CLI), and one that the service account can open as well
// (gates that outlived a keeper).
//
// 1. Both are in folders that only root can write to; no login and no session account reaches either (law 10). Attack: a login talks to the
//    keeper as if it were a gate.
// 2. The number of conversations at once is bounded, in all and for each uid, and so is that of connections (places.ts). What is over a limit is
//    refused and closed. Attack: one login keeps everybody else out.
// 3. The keeper answers the first message at once, before it does any work. Accident: a keeper that works on a long answer looks like a
//    dead one to the person who waits.
// 4. Whatever fails in a conversation becomes one refusal. It is journaled, and its cause goes to the log alone (laws 1, 11;
//    notices/report-refusal.ts).
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { Refused } from '../../core/refusal.ts';
import type { Hello, Rejoin } from '../../wire/messages.ts';
import { expiredLines, type FarewellDeps } from '../connections/farewell.ts';
import type { Connection } from '../connections/connection.ts';
import type { Conversation } from '../conversation.ts';
import { openConversation } from './socket-conversation.ts';
import { firstRule, moderate, type ModerationDeps } from '../connections/moderation.ts';
import { writeRefusal, type ReportRefusalDeps } from '../notices/report-refusal.ts';
import { openPlaces, type Place, type Places } from './places.ts';
import type { Layout } from '../../wire/layout.ts';
import type { Account } from '../../adapters/accounts.ts';

export interface ListenDeps extends ReportRefusalDeps, FarewellDeps, ModerationDeps {
  readonly layout: Layout;
  readonly service: Account;
}

/** Conversations that wait at once, of everybody together. */
const mostAtOnce = 500;
/**
 * Sockets beyond `mostAtOnce` that are still read, so that their gates can be told why they are refused. Node closes any further one
 * unread.
 */
const lobby = 64;
/** Connections keep their socket. More of them than memory has room for. */
const mostAttached = 4_000;
/** What one uid may have: conversations that wait, and these with its connections. */
const limits = { waiting: mostAtOnce, waitingEach: 64, each: 128 };

/** What the keeper does with a conversation. */
export interface Handlers {
  /** Handles a conversation after its first message. @returns the exit code for the gate or CLI. @throws Refused */
  dispatch(conversation: Conversation, hello: Hello): Promise<number>;
  /** Follows the connection of a gate that came back. Resolves when nothing is left of that connection. */
  stay(conversation: Conversation, connection: Connection): Promise<void>;
}

interface Listening extends ListenDeps {
  readonly handlers: Handlers;
  /** By the uid that sudo vouched for. */
  readonly places: Places;
  /** Open sockets, also those that have not sent anything; not those of connections. */
  readonly open: Set<Socket>;
}

/** Opens both sockets, and closes them when the signal aborts. Conversations that are open then go on. */
export async function listen(deps: ListenDeps, handlers: Handlers, signal: AbortSignal): Promise<void> {
  const { keeperSocket, rejoinSocket } = deps.layout;
  const listening: Listening = { ...deps, handlers, places: openPlaces(limits), open: new Set() };
  const folder = rejoinSocket.slice(0, rejoinSocket.lastIndexOf('/'));
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await chown(folder, 0, deps.service.gid);
  await chmod(folder, 0o750);
  const serve = async (path: string, mode: number, take: (socket: Socket) => Promise<void>): Promise<void> => {
    const server = await open(path, (socket) => {
      take(socket).catch((error: unknown) => {
        deps.log.error('conversation-failed', { error });
        socket.destroy();
      });
    });
    await chmod(path, mode);
    signal.addEventListener('abort', () => server.close());
    if (signal.aborted) server.close();
  };
  await serve(rejoinSocket, 0o660, async (socket) => takeBack(listening, socket));
  await chown(rejoinSocket, 0, deps.service.gid);
  await serve(keeperSocket, 0o600, async (socket) => converse(listening, socket));
}

async function open(path: string, take: (socket: Socket) => void): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer(take);
  server.maxConnections = mostAtOnce + lobby + mostAttached;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ path, backlog: mostAtOnce }, resolve);
  });
  return server;
}

async function converse(listening: Listening, socket: Socket): Promise<void> {
  listening.open.add(socket);
  socket.once('close', () => listening.open.delete(socket));
  const { conversation, first } = openConversation(socket);
  const hello = await first;
  if (hello?.t !== 'hello') return conversation.close();
  conversation.heard(); // Rule 3.
  let place: Place | undefined;
  try {
    const taken = (place = placeFor(listening, hello));
    const go: Conversation['go'] = (message) => {
      taken.attached();
      listening.open.delete(socket);
      conversation.go(message);
    };
    conversation.done(await listening.handlers.dispatch({ ...conversation, go }, hello));
  } catch (error) {
    await writeRefusal(listening, { hello, command: hello.command, error }, (refusal) => conversation.refuse(refusal));
  }
  place?.leave();
  conversation.close();
}

/** Rule 2. @throws Refused BUSY */
function placeFor({ places, open: conversations, host }: Listening, { uid }: Hello): Place {
  const place = uid !== 0 && conversations.size > mostAtOnce ? undefined : places.take(uid);
  if (place === undefined) throw new Refused('BUSY', { host });
  return place;
}

/** A gate comes back after the keeper's restart. It must know the secret of its connection. */
async function takeBack(deps: Listening, socket: Socket): Promise<void> {
  const { conversation, first } = openConversation(socket);
  const message = await first;
  const connection = message?.t === 'rejoin' ? known(deps, message) : undefined;
  if (connection === undefined) return conversation.close();
  connection.conversation = conversation;
  connection.returning?.resolve(conversation);
  const { farewell } = connection;
  if (farewell === undefined)
    conversation.deadline(connection.end, [...expiredLines(deps, { ...connection.state, end: connection.end })]);
  else conversation.cut(farewell.lines, farewell.exit);
  connection.input = firstRule(deps, connection.state);
  if (farewell === undefined) conversation.input(connection.input);
  moderate(deps, connection.state.session);
  await deps.handlers.stay(conversation, connection);
  conversation.close();
}

function known(deps: ListenDeps, { id, secret, pid }: Rejoin): Connection | undefined {
  const connection = deps.connections.all().find(({ state }) => state.id === id && state.gate.pid === pid);
  if (connection === undefined || connection.conversation !== undefined) return undefined;
  const given = createHash('sha256').update(secret).digest();
  return timingSafeEqual(given, Buffer.from(connection.state.secret, 'hex')) ? connection : undefined;
}
