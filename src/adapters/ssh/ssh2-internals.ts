// The private fields of ssh2 1.17.0 that we use, and nothing else: `_protocol`, `_chanMgr` and `_remoteVer` of a client, `_callbacks` and
// `outgoing` of a channel. ssh2 itself can neither send an arbitrary request nor open a channel of any type, and keeps the server's version
// and debug messages to itself. tests/contract/ssh2-internals.test.ts fails when a field or ssh2's version changes.
import type { Client, ClientChannel } from 'ssh2';

/** Called when the server has answered the opening of a channel; `type` is the channel's type. */
export type Opened = ((error: Error | undefined, channel: ClientChannel) => void) & { type?: string };

interface InsideClient {
  readonly _remoteVer?: string;
  readonly _chanMgr: { add(opened: Opened): number };
  readonly _protocol: {
    readonly _handlers: Record<string, unknown>;
    readonly _packetRW: {
      readonly write: { readonly allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
  };
}
interface InsideChannel {
  readonly _callbacks: ((failed: unknown) => void)[];
  readonly outgoing: { readonly id: number };
}

const insideClient = (client: Client): InsideClient => client as unknown as InsideClient;
const insideChannel = (channel: ClientChannel): InsideChannel => channel as unknown as InsideChannel;

/** Sends one message (RFC 4253 section 6, the payload of a packet). */
export function sendMessage(client: Client, payload: Buffer): void {
  const { _packetRW, _cipher } = insideClient(client)._protocol;
  const packet = _packetRW.write.alloc(payload.length);
  payload.copy(packet, _packetRW.write.allocStart);
  _cipher.encrypt(_packetRW.write.finalize(packet));
}

/** Expects the server's answer to the opening of a channel. @returns our number for the channel */
export function expectChannel(client: Client, opened: Opened): number {
  return insideClient(client)._chanMgr.add(opened);
}

/** Expects the reply to the request that is sent next on a channel. */
export function expectReply(channel: ClientChannel, hear: (granted: boolean) => void): void {
  insideChannel(channel)._callbacks.push((failed) => hear(failed === false));
}

/** The server's number for a channel. */
export function serverNumber(channel: ClientChannel): number {
  return insideChannel(channel).outgoing.id;
}

/** Listens to the SSH_MSG_DEBUG messages of the server (RFC 4253 section 11.3). */
export function onDebugMessage(client: Client, hear: (text: string) => void): void {
  insideClient(client)._protocol._handlers['DEBUG'] = (_: unknown, __: boolean, text: string) => hear(text);
}

/** The software version that the server sent (RFC 4253 section 4.2). */
export function serverVersion(client: Client): string {
  return insideClient(client)._remoteVer ?? '';
}
