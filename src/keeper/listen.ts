// The keeper's two sockets: one that only root opens (gates before "go", the CLI), one that the service account opens as well
// (gates that outlived a keeper).
//
// 1. Both lie in folders that only root writes; no login and no session account reaches either (law 10).
// 2. A bounded number of conversations at once; one more is told so and closed.
// 3. Who knocks is told at once that somebody listens. Attack (on the person): a keeper at work on a long answer was taken for a dead one.
// 4. Whatever goes wrong in a conversation is one refusal, journaled, with its cause in the log alone (laws 1, 11; refused.ts).
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { Refused } from '../core/refusal.ts';
import type { Hello, Rejoin } from '../wire/messages.ts';
import { dispatch } from './dispatch.ts';
import { openAtOnce } from './at-once.ts';
import { expiredLines, type Connection } from './connections.ts';
import { openDoor } from './door.ts';
import type { House } from './house.ts';
import { firstRule, moderate } from './moderation.ts';
import { writeRefusal } from './refused.ts';
import { watch } from './visit/watch.ts';

const mostAtOnce = 500;
/** Room to say so; beyond it the gate finds a closed door. */
const lobby = 64;
/** One login cannot take every place: each gate that waits is a process of its own. */
const mostEach = 64;

/** Opens both sockets; closed when the signal aborts. */
export async function listen(house: House, signal: AbortSignal): Promise<void> {
  const { keeperSocket, rejoinSocket } = house.layout;
  const folder = rejoinSocket.slice(0, rejoinSocket.lastIndexOf('/'));
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await chown(folder, 0, house.service.gid);
  await chmod(folder, 0o750);
  await open(house, rejoinSocket, 0o660, signal, (socket) => takeBack(house, socket));
  await chown(rejoinSocket, 0, house.service.gid);
  await open(house, keeperSocket, 0o600, signal, (socket) => converse(house, socket));
}

async function open(
  house: House,
  path: string,
  mode: number,
  signal: AbortSignal,
  take: (socket: Socket) => Promise<void>,
): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer((socket) => {
    take(socket).catch((error: unknown) => {
      house.log.error('conversation-failed', { error });
      socket.destroy();
    });
  });
  server.maxConnections = mostAtOnce + lobby;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ path, backlog: mostAtOnce }, resolve);
  });
  await chmod(path, mode);
  signal.addEventListener('abort', () => server.close());
  if (signal.aborted) server.close();
  return server;
}

async function converse(house: House, socket: Socket): Promise<void> {
  knocking += 1;
  socket.once('close', () => (knocking -= 1));
  const { door, first } = openDoor(socket);
  const hello = await first;
  if (hello?.t !== 'hello') return door.close();
  door.heard(); // rule 3
  try {
    door.done(await inPlace(house, hello, async () => dispatch(house, door, hello)));
  } catch (error) {
    await writeRefusal(house, hello, hello.command, error, (refusal) => door.refuse(refusal));
  }
  door.close();
}

const places = openAtOnce<number>();
/** Open conversations, silent ones included. */
let knocking = 0;

/** Rule 2. @throws Refused BUSY */
async function inPlace<T>(house: House, { uid }: Hello, visit: () => Promise<T>): Promise<T> {
  const full = places.of(uid) >= mostEach || knocking > mostAtOnce;
  if (full && uid !== 0) throw new Refused('BUSY', { host: house.host });
  return places.run(uid, visit);
}

/** A gate comes back after the keeper's restart: it must know the secret of its connection. */
async function takeBack(house: House, socket: Socket): Promise<void> {
  const { door, first } = openDoor(socket);
  const message = await first;
  const connection = message?.t === 'rejoin' ? known(house, message) : undefined;
  if (connection === undefined) return door.close();
  connection.door = door;
  connection.returning?.resolve(door);
  const { farewell } = connection;
  if (farewell === undefined)
    door.deadline(connection.end, [...expiredLines(house, { ...connection.state, end: connection.end })]);
  else door.cut(farewell.lines, farewell.exit);
  connection.input = firstRule(house, connection.state);
  if (farewell === undefined) door.input(connection.input);
  moderate(house, connection.state.session);
  await watch(house, door, connection);
  door.close();
}

function known(house: House, { id, secret, pid }: Rejoin): Connection | undefined {
  const connection = house.connections.all().find(({ state }) => state.id === id && state.gate.pid === pid);
  if (connection === undefined || connection.door !== undefined) return undefined;
  const given = createHash('sha256').update(secret).digest();
  return timingSafeEqual(given, Buffer.from(connection.state.secret, 'hex')) ? connection : undefined;
}
