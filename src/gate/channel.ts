// The gate's side of a socket to the keeper.
import { connect, type Socket } from 'node:net';
import { readToGate, writeMessage, type FromGate, type ToGate } from '../wire/messages.ts';
import { lineCutter, gateReads } from '../wire/frames.ts';

/** One conversation with a keeper: messages in order, one at a time. */
export interface Channel {
  send(message: FromGate): void;
  /** The next message; undefined when the socket is closed or the line is not a message. */
  next(): Promise<ToGate | undefined>;
  close(): void;
}

/** Connects to a keeper's socket. @throws Error when nobody listens */
export async function dial(path: string): Promise<Channel> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  return channelOn(socket);
}

/** A channel on a connected socket. A line that is too long closes it. */
export function channelOn(socket: Socket): Channel {
  const cut = lineCutter(gateReads);
  const waiting: (ToGate | undefined)[] = [];
  let wake: (() => void) | undefined;
  const push = (message: ToGate | undefined): void => {
    waiting.push(message);
    wake?.();
  };
  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => {
    try {
      for (const text of cut(piece)) push(readToGate(text));
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => push(undefined));
  return {
    send: (message) => void socket.write(writeMessage(message)),
    next: async () => {
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return waiting.shift();
    },
    close: () => socket.destroy(),
  };
}
