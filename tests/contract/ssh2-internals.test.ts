// A connection to ssh2's own server: these fail when the private fields that src/adapters/ssh/ssh2-internals.ts uses change.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import ssh2, { type Client, type ClientChannel, type Connection } from 'ssh2';
import { Channel, requestChannel, string } from '../../src/adapters/ssh/channel.ts';
import { dial, type Line } from '../../src/adapters/ssh/line.ts';
import { readKey } from '../../src/adapters/ssh/proof.ts';
import { sendMessage } from '../../src/adapters/ssh/ssh2-internals.ts';
import { anyKey } from '../../src/adapters/ssh/trust.ts';

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const newKey = (): string => ssh2.utils.generateKeyPairSync('ed25519').private;

let connection: Connection;
const server = new ssh2.Server({ hostKeys: [newKey()], ident: 'sample_1.0' }, (made) => {
  connection = made;
  made.on('error', () => undefined).on('authentication', (login) => login.accept());
  made.on('session', (accept) => {
    const session = accept();
    session.on('env', (grant) => grant()).on('auth-agent', (_, refuse) => refuse());
    session.on('exec', (grant) => grant());
  });
});
let line: Line;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const key = readKey(Buffer.from(newKey()));
  if (key === undefined || key === 'encrypted') throw new Error('no key was made');
  const { port } = server.address() as AddressInfo;
  line = await dial({ host: '127.0.0.1', port, login: 'alice', trust: anyKey, proof: { key }, timeoutMs: 10_000 });
});
afterAll(async () => {
  line[Symbol.dispose]();
  server.close();
  await once(server, 'close');
});

test('ssh2 has the version that the file knows, and package.json asks for no other', () => {
  const { version } = JSON.parse(file('node_modules/ssh2/package.json')) as { readonly version: string };
  const { dependencies } = JSON.parse(file('package.json')) as { readonly dependencies: Record<string, string> };
  expect(dependencies['ssh2']).toBe(version);
  expect(file('src/adapters/ssh/ssh2-internals.ts').split('\n\n')[0]).toContain(` ssh2 ${version} `);
});

test('a client has the fields', () => {
  expect(line.client).toMatchObject({
    _remoteVer: 'sample_1.0',
    _chanMgr: { add: expect.any(Function) },
    _protocol: {
      _handlers: expect.any(Object),
      _packetRW: {
        write: { allocStart: expect.any(Number), alloc: expect.any(Function), finalize: expect.any(Function) },
      },
      _cipher: { encrypt: expect.any(Function) },
    },
  });
  expect(line.server).toBe('sample_1.0');
});

test('a channel has the fields', async () => {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    line.client.exec('true', (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
  });
  expect(channel).toMatchObject({ _callbacks: expect.any(Array), outgoing: { id: expect.any(Number) } });
});

test('a channel is opened, and the server grants one request and refuses another', async () => {
  const channel = await requestChannel(line, 'session', Buffer.alloc(0));
  if (!(channel instanceof Channel)) throw new Error(channel.problem);
  expect(await channel.request('env', Buffer.concat([string('LANG'), string('C')]))).toBe(true);
  expect(await channel.request('auth-agent-req@openssh.com')).toBe(false);
});

test('a channel of a type that the server does not know is not opened', async () => {
  expect(await requestChannel(line, 'no-such-type', Buffer.alloc(0))).toMatchObject({ reason: expect.any(Number) });
});

test('a debug message of the server is heard', async () => {
  const debug = 4; // RFC 4253 section 12
  sendMessage(connection as unknown as Client, Buffer.concat([Buffer.from([debug, 1]), string('why'), string('')]));
  while (line.said.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(line.said).toEqual(['why']);
});
