// Refuses clients that speak sftp (sftp, and scp since OpenSSH 9.0) in their own protocol. sshd drops what a subsystem writes to standard
// error (session.c, session_set_fds), so the reason is sent as the answer to requests. Source: draft-ietf-secsh-filexfer-02.
//
// 1. No file is opened or looked at: of a request only length, type and id are read. Every request is refused except LSTAT and STAT, which
//    are answered with an empty file: refused, scp would say "No such file"; so it is refused when it opens the file. Attack: a client
//    learns which files there are.
// 2. Requests are short, few, and answered for a short time. Attack: a client keeps the gate running by asking.
// 3. Nothing is sent before the client begins in sftp. Accident: output that breaks another protocol.
// 4. `scp` of one file shows "Operation unsupported" and not the reason, whatever is answered: it prints a text of its own for the status
//    number (fx2txt), at version, stat, open, read, write and close. It prints the sent text only for REALPATH, which `sftp` and `scp -r`
//    to this host ask for, and for an expansion of `~user`, which this server would have to offer (sftp-client.c, do_realpath_expand;
//    tried with OpenSSH 9.2).
import type { Readable, Writable } from 'node:stream';

const init = 1;
const version = Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 3]);
const status = 101;
const unsupported = 8; // SSH_FX_OP_UNSUPPORTED (rule 4)
const asksWhether = [7, 17]; // SSH_FXP_LSTAT, SSH_FXP_STAT
const attributes = 105;
const regularFile = 0o100000;

const longest = 4096;
const mostAsked = 64;
const limitMs = 5_000;

/** Input from and output to the client. */
export interface Client {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Answers each request with the reason, until the client leaves, asks too much or for too long, or does not speak sftp. Never rejects.
 * @param limit milliseconds.
 */
export async function refuseSftp({ input, output }: Client, reason: string, limit = limitMs): Promise<void> {
  const answer = answerer(reason);
  let held: Buffer = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, limit);
    const over = (): void => {
      clearTimeout(late);
      input.removeAllListeners('data').pause();
      resolve();
    };
    for (const event of ['end', 'close', 'error']) input.once(event, over);
    output.once('error', over);
    input.on('data', (piece: Buffer) => {
      held = Buffer.concat([held, piece]);
      for (let packet = cut(held); packet !== undefined; packet = cut(held)) {
        held = held.subarray(packet.length + 4);
        const said = answer(packet);
        if (said === undefined) return over();
        output.write(said);
      }
      if (held.length > 0 && !isShort(held)) over();
    });
  });
}

const isShort = (held: Buffer): boolean => held.length < 4 || held.readUInt32BE() <= longest;

/** The first complete packet without its length; undefined while it is incomplete, or when it is too long (rule 2). */
function cut(held: Buffer): Buffer | undefined {
  if (held.length < 4 || !isShort(held)) return undefined;
  const end = 4 + held.readUInt32BE();
  return held.length < end ? undefined : held.subarray(4, end);
}

/** Makes the answer to each packet; undefined when it is not sftp (rule 3), or too much was asked (rule 2). */
function answerer(reason: string): (packet: Buffer) => Buffer | undefined {
  let asked = 0;
  return (packet) => {
    asked += 1;
    if (asked === 1) return packet[0] === init ? version : undefined;
    if (asked > mostAsked || packet.length < 5) return undefined;
    const id = packet.subarray(1, 5);
    return asksWhether.includes(packet.readUInt8()) ? emptyFile(id) : statusOf(id, reason);
  };
}

function emptyFile(id: Buffer): Buffer {
  const packet = Buffer.alloc(4 + 1 + 4 + 4 + 4);
  packet.writeUInt32BE(packet.length - 4, 0);
  packet[4] = attributes;
  id.copy(packet, 5);
  packet.writeUInt32BE(4, 9); // SSH_FILEXFER_ATTR_PERMISSIONS
  packet.writeUInt32BE(regularFile, 13);
  return packet;
}

function statusOf(id: Buffer, reason: string): Buffer {
  const text = Buffer.from(reason);
  const packet = Buffer.alloc(4 + 1 + 4 + 4 + 4 + text.length + 4);
  packet.writeUInt32BE(packet.length - 4, 0);
  packet[4] = status;
  id.copy(packet, 5);
  packet.writeUInt32BE(unsupported, 9);
  packet.writeUInt32BE(text.length, 13);
  text.copy(packet, 17);
  return packet; // and an empty language tag
}
