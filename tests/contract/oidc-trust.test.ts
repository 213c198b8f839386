// Which certificates vouch for the provider, and by which proxy it is reached: real TLS, a real CONNECT proxy, and Node with the flags of
// the programs that are built.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createProxy, type IncomingMessage, type Server } from 'node:http';
import { createServer, type Server as SecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { repo } from '../../scripts/sandbox/layout.ts';
import { freePort } from '../../scripts/sandbox/sockets.ts';
import { openTransport } from '../../src/adapters/oidc-transport.ts';
import { readCaFile } from '../../src/config/ca-file.ts';
import type { UnsafeFileError } from '../../src/config/safety.ts';
import { providerFault } from '../../src/core/provider-fault.ts';
import { makeCertificate } from '../harness/certificate.ts';

const certificate = makeCertificate('localhost', 'DNS:localhost', 'IP:127.0.0.1');
const other = makeCertificate('localhost', 'DNS:localhost');
let server: SecureServer;
let url: string;
let folder: string;

beforeAll(async () => {
  server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    if (request.url === '/elsewhere') return void response.writeHead(302, { location: '/' }).end();
    request.pipe(response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}/`;
});
beforeEach(async () => {
  folder = await mkdtemp(join(await realpath(tmpdir()), 'tmux-gate-trust-'));
  await chmod(folder, 0o755);
});
afterEach(async () => rm(folder, { recursive: true }));
afterAll(() => {
  server.close();
  certificate[Symbol.dispose]();
  other[Symbol.dispose]();
});

const asked = { method: 'POST', headers: { accept: 'application/json' }, redirect: 'manual' } as const;
const post = async (ca: readonly string[] | undefined, to = url, body: string | URLSearchParams = '{"a":1}') =>
  openTransport(ca)(to, { ...asked, body, signal: AbortSignal.timeout(5_000) });

describe('a provider that a CA of the policy vouches for', () => {
  const pem = certificate.cert.toString();

  test('is asked as any other: bodies, headers, no redirect', async () => {
    const answer = await post([pem]);
    expect([answer.status, await answer.json(), answer.headers.getSetCookie()]).toEqual([
      200,
      { a: 1 },
      ['a=1', 'b=2'],
    ]);
    expect(await (await post([pem], url, new URLSearchParams({ a: 'b c' }))).text()).toBe('a=b+c');
    expect((await post([pem], `${url}elsewhere`)).status).toBe(302);
  });

  test('is refused without it, with another one, and under another name', async () => {
    for (const ca of [undefined, [other.cert.toString()]])
      expect(providerFault(await post(ca).catch((error: unknown) => error)).say).toMatch(
        /^the provider's certificate is not trusted/,
      );
    const named = createServer({ key: other.key, cert: other.cert }).listen(0, '127.0.0.1');
    await once(named, 'listening');
    const port = (named.address() as AddressInfo).port;
    const wrong = await post([other.cert.toString()], `https://127.0.0.1:${port}/`).catch((error: unknown) => error);
    named.close();
    expect(providerFault(wrong).say).toMatch(/certificate is for another name/);
  });

  test('that aborts or hangs, ends with its reason', async () => {
    const reason = new Error('the person pressed q');
    const signal = AbortSignal.abort(reason);
    await expect(openTransport([pem])(url, { ...asked, body: undefined, signal })).rejects.toBe(reason);
  });
});

describe('law 10: a file of CAs', () => {
  const reasons = async (text: string, mode = 0o644): Promise<string> => {
    await writeFile(`${folder}/ca.pem`, text);
    await chmod(`${folder}/ca.pem`, mode);
    return readCaFile(`${folder}/ca.pem`).then(
      (found) => `${found.length} read`,
      (error: unknown) => (error as UnsafeFileError).reasons.join(' '),
    );
  };
  const [one, two, key] = [certificate.cert, other.cert, certificate.key].map(String);
  test.each([
    ['two certificates, with words between them', `# ours\n${one}\nsubject=x\n${two}`, 0o644, /^2 read$/],
    ['a private key as well', `${one}${key}`, 0o644, /more than certificates/],
    ['half a certificate', `${one}${two?.slice(0, 200)}`, 0o644, /more than certificates/],
    ['a broken certificate', one?.replace(/[A-Za-z0-9+/]{20}\n/, '\n'), 0o644, /cannot be read/],
    ['none', 'CA', 0o644, /no certificate/],
    ['others may write it', one, 0o666, /writable by others/],
  ])('%s', async (_, text, mode, found) => expect(await reasons(text ?? '', mode)).toMatch(found));
});

describe("the host's proxy", () => {
  let proxy: Server;
  let seen: string[];
  /** With which status the proxy refuses; undefined: it lets through. */
  let refuses: number | undefined;
  let place: string;

  beforeEach(async () => {
    [seen, refuses] = [[], undefined];
    proxy = createProxy().on('connect', tunnel);
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    place = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await writeFile(`${folder}/ca.pem`, certificate.cert, { mode: 0o644 });
  });
  afterEach(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  function tunnel({ url: to = '' }: IncomingMessage, socket: Duplex, head: Buffer): void {
    seen.push(to);
    if (refuses !== undefined) return void socket.end(`HTTP/1.1 ${refuses} Refused\r\n\r\n`);
    const { hostname, port } = new URL(`http://${to}`);
    const onward = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  }

  /** What a program of ours gets that is started as the built ones are, with this environment. */
  async function byProgram(
    way: 'provider' | 'trusting' | 'webhook' | 'hook',
    environment: NodeJS.ProcessEnv,
  ): Promise<string> {
    const flags = ['--no-warnings', '--use-system-ca', '--use-env-proxy'];
    const words = [...flags, join(repo, 'tests/contract/proxied-child.ts'), way, url, `${folder}/ca.pem`];
    const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: certificate.file, ...environment };
    return (await promisify(execFile)(process.execPath, words, { env })).stdout.trim();
  }

  const ways = ['provider', 'trusting', 'webhook', 'hook'] as const;
  test.each(ways)('%s: requests go through it, unless NO_PROXY names the server', async (way) => {
    const host = new URL(url).host;
    expect(await byProgram(way, { HTTPS_PROXY: place })).toBe('answered');
    expect(new Set(seen)).toEqual(new Set([host]));
    seen = [];
    expect(await byProgram(way, { HTTPS_PROXY: place, NO_PROXY: 'localhost' })).toBe('answered');
    expect(seen).toEqual([]);
  });

  test.each(ways)('%s: a proxy that refuses, or is down, is what is named', async (way) => {
    refuses = 407;
    expect(await byProgram(way, { HTTPS_PROXY: place })).toMatch(
      /the proxy of this host does not let .* \(PROXY_407\)$/,
    );
    const down = `http://127.0.0.1:${await freePort()}`;
    expect(await byProgram(way, { HTTPS_PROXY: down })).toMatch(/the proxy of this host .* \(PROXY_ECONNREFUSED\)$/);
  });
});
