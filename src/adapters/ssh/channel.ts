// Channels and requests of the ssh protocol, below ssh2's own API: each request asks for a reply (RFC 4254 sections 5 and 6).
import type { Client, ClientChannel } from 'ssh2';
import type { Line } from './line.ts';
import { expectChannel, expectReply, sendMessage, serverNumber, type Opened } from './ssh2-internals.ts';

/** Why the server did not open a channel: a reason of RFC 4254 section 5.1; 1 is SSH_OPEN_ADMINISTRATIVELY_PROHIBITED. */
export interface Unopened {
  readonly reason: number | undefined;
  readonly problem: string;
}

const message = { open: 90, request: 98 } as const; // RFC 4254 section 9
const windowBytes = 2 * 1024 * 1024;
const packetBytes = 32 * 1024;

/** A number in ssh's encoding (RFC 4251 section 5). */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A text in ssh's encoding: its length, then its bytes (RFC 4251 section 5). */
export function string(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/**
 * Asks the server to open a channel of any type.
 * @param body what the type adds to the message.
 * @returns the channel, or why it was not opened.
 * @throws Error when the connection ends.
 */
export async function requestChannel(
  { client, closed }: Line,
  type: string,
  body: Buffer,
): Promise<Channel | Unopened> {
  return new Promise((resolve, reject) => {
    void closed.then(() => reject(new Error('the connection ended')));
    const opened: Opened = (error, channel) =>
      resolve(error === undefined ? new Channel(client, channel) : unopened(error));
    opened.type = type;
    const id = expectChannel(client, opened);
    const head = [string(type), uint32(id), uint32(windowBytes), uint32(packetBytes)];
    sendMessage(client, Buffer.concat([Buffer.from([message.open]), ...head, body]));
  });
}

/** The reason of a channel that was not opened. */
export function unopened(error: Error & { reason?: number | string }): Unopened {
  const { reason, message: problem } = error;
  return {
    reason: typeof reason === 'number' ? reason : undefined,
    problem: problem.replace('(SSH) Channel open failure: ', ''),
  };
}

/** An open channel: what arrived so far, and how it ended. */
export class Channel {
  /** stdout and stderr in the order of their arrival, as Latin-1: one character a byte. */
  heard = '';
  exit: number | null | undefined;
  over = false;
  readonly #client: Client;
  readonly #channel: ClientChannel;
  #wake: () => void = () => undefined;

  constructor(client: Client, channel: ClientChannel) {
    this.#client = client;
    this.#channel = channel;
    const hear = (piece: Buffer): void => {
      this.heard += piece.toString('latin1');
      this.#wake();
    };
    channel.on('data', hear).stderr.on('data', hear);
    channel.on('exit', (code: number | null) => (this.exit = code));
    channel.once('close', () => {
      this.over = true;
      this.#wake();
    });
  }

  /** Sends a request and waits for the reply. @returns whether the server granted it. */
  async request(type: string, body: Buffer = Buffer.alloc(0)): Promise<boolean> {
    const reply = new Promise<boolean>((resolve) => expectReply(this.#channel, resolve));
    const head = [Buffer.from([message.request]), uint32(serverNumber(this.#channel)), string(type), Buffer.from([1])];
    sendMessage(this.#client, Buffer.concat([...head, body]));
    return reply;
  }

  write(bytes: string | Buffer): void {
    if (this.#channel.writable) this.#channel.write(bytes);
  }

  /** Resolves at the next output or at the end; to false when neither came within `withinMs` milliseconds. */
  async more(withinMs?: number): Promise<boolean> {
    return new Promise((resolve) => {
      const late = withinMs === undefined ? undefined : setTimeout(resolve, withinMs, false);
      this.#wake = () => {
        clearTimeout(late);
        resolve(true);
      };
    });
  }
}

/**
 * Asks the server to listen on a port or socket and forward connections to us (RFC 4254 section 7.1; OpenSSH's PROTOCOL,
 * streamlocal-forward).
 * @returns whether it does.
 * @throws Error when the connection ends.
 */
export async function listenThere(
  { client, closed }: Line,
  where: { port: number } | { path: string },
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    void closed.then(() => reject(new Error('the connection ended')));
    const told = (error: unknown): void => resolve(error === undefined || error === null);
    if ('path' in where) client.openssh_forwardInStreamLocal(where.path, told);
    else client.forwardIn('127.0.0.1', where.port, told);
  });
}
