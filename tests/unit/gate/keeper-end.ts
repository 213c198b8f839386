// The keeper's end of a socket: a real one, that says what a test tells it to.
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { lineCutter } from '../../../src/wire/frames.ts';
import { readFromGate, writeMessage, type FromGate, type ToGate } from '../../../src/wire/messages.ts';

export interface KeeperEnd {
  readonly socket: Socket;
  readonly heard: readonly FromGate[];
  say(...messages: ToGate[]): void;
  /** Resolves once so many messages were heard. */
  count(messages: number): Promise<readonly FromGate[]>;
  readonly closed: Promise<unknown>;
}

export interface Post extends AsyncDisposable {
  /** The next gate that connects. */
  next(): Promise<KeeperEnd>;
}

export async function listenAt(path: string): Promise<Post> {
  const server = createServer();
  const sockets = new Set<Socket>();
  const arrived: KeeperEnd[] = [];
  let wake: (() => void) | undefined;
  server.on('connection', (socket) => {
    sockets.add(socket);
    arrived.push(endOn(socket));
    wake?.();
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    next: async () => {
      while (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return arrived.shift()!;
    },
    [Symbol.asyncDispose]: async () => close(server, sockets),
  };
}

function endOn(socket: Socket): KeeperEnd {
  const cut = lineCutter(1 << 20);
  const heard: FromGate[] = [];
  let wake: (() => void) | undefined;
  socket.setEncoding('utf8').on('error', () => undefined);
  socket.on('data', (piece: string) => {
    heard.push(...cut(piece).map((text) => readFromGate(text)!));
    wake?.();
  });
  return {
    socket,
    heard,
    say: (...messages) => void socket.write(messages.map(writeMessage).join('')),
    count: async (messages) => {
      while (heard.length < messages) await new Promise<void>((resolve) => (wake = resolve));
      return heard;
    },
    closed: once(socket, 'close'),
  };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
}
