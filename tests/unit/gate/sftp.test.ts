import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { refuseSftp } from '../../../src/gate/sftp.ts';

const reason = 'tmux-gate: no files';
const init = Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]);
const version = Buffer.from([0, 0, 0, 5, 2, 0, 0, 0, 3]);
const realpath = 16;
const stat = 17;

function request(type: number, id: number, path = '.'): Buffer {
  const packet = Buffer.alloc(13 + path.length);
  packet.writeUInt32BE(packet.length - 4, 0);
  packet[4] = type;
  packet.writeUInt32BE(id, 5);
  packet.writeUInt32BE(path.length, 9);
  packet.write(path, 13);
  return packet;
}

function status(id: number): Buffer {
  const packet = Buffer.alloc(21 + reason.length);
  packet.writeUInt32BE(packet.length - 4, 0);
  packet[4] = 101;
  packet.writeUInt32BE(id, 5);
  packet.writeUInt32BE(8, 9);
  packet.writeUInt32BE(reason.length, 13);
  packet.write(reason, 17);
  return packet;
}

/** What is answered to these pieces, once the gate has stopped to listen. */
async function told(pieces: readonly Buffer[], { leaves = true, limit = 20_000 } = {}): Promise<Buffer> {
  const client = { input: new PassThrough(), output: new PassThrough() };
  const said: Buffer[] = [];
  client.output.on('data', (piece: Buffer) => said.push(piece));
  const over = refuseSftp(client, reason, limit);
  for (const piece of pieces) client.input.write(piece);
  if (leaves) client.input.end();
  await over;
  client.output.end();
  await finished(client.output);
  return Buffer.concat(said);
}

test('each request is refused with the reason, however it is cut into pieces', async () => {
  const asked = Buffer.concat([init, request(realpath, 7), request(3, 8, 'x')]);
  const answers = Buffer.concat([version, status(7), status(8)]);
  expect(await told([asked])).toEqual(answers);
  expect(await told(Array.from(asked, (byte) => Buffer.from([byte])))).toEqual(answers);
});

test('a path is said to be an empty file, so that scp goes on to what is refused', async () => {
  const file = Buffer.from([0, 0, 0, 13, 105, 0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 0x80, 0]);
  expect(await told([init, request(stat, 9), request(7, 9)])).toEqual(Buffer.concat([version, file, file]));
});

test.each([
  ['no sftp at all', Buffer.from('GET / HTTP/1.1\r\n'), Buffer.alloc(0)],
  ['a request before the greeting', request(realpath, 1), Buffer.alloc(0)],
  ['a request of no length', Buffer.concat([init, Buffer.alloc(4)]), version],
  ['one that is too long', Buffer.concat([init, Buffer.from([0, 0, 16, 1])]), version],
])('%s ends it, and gets no answer', async (_, bytes, answers) => {
  expect(await told([bytes], { leaves: false })).toEqual(answers);
});

test('who asks for ever is left after 64 packets', async () => {
  const asked = Array.from({ length: 70 }, (_, id) => request(realpath, id));
  const answers = await told([init, ...asked], { leaves: false });
  expect(answers.length).toBe(version.length + 63 * status(0).length);
});

test('who says nothing is left in time', async () => {
  expect(await told([], { leaves: false, limit: 1 })).toEqual(Buffer.alloc(0));
});

test('who does not read is left', async () => {
  const client = { input: new PassThrough(), output: new PassThrough() };
  const over = refuseSftp(client, reason);
  client.output.destroy(new Error('gone'));
  await over;
  expect(client.input.isPaused()).toBe(true);
});
