// A Redis by TLS, with a CA of its own and a certificate that it asks of each host (docs/store.md), on a real redis-server.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RedisAddress } from '../../src/core/policy-types.ts';
import { lookAtRedisCertificate } from '../../src/adapters/redis/certificate.ts';
import { openStore } from '../../src/adapters/redis/store.ts';
import { accepts, freePort } from '../../scripts/sandbox/sockets.ts';
import { makeCertificate, type Certificate } from '../harness/certificate.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { patience, request } from './store-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-tls-'));
const server = makeCertificate('localhost', 'DNS:localhost');
const client = makeCertificate('prod-box');
const stranger = makeCertificate('stranger');
let redis: ChildProcess;
let port: number;

/** The files of a certificate and its key. */
function filesOf(name: string, { cert, key }: Certificate): { readonly cert: string; readonly key: string } {
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return files;
}

const files = {
  server: filesOf('server', server),
  client: filesOf('client', client),
  stranger: filesOf('x', stranger),
};

beforeAll(async () => {
  port = await freePort();
  const tls = ['--tls-port', String(port), '--tls-cert-file', files.server.cert, '--tls-key-file', files.server.key];
  const words = [
    '--port',
    '0',
    '--bind',
    '127.0.0.1',
    ...tls,
    '--tls-ca-cert-file',
    files.client.cert,
    '--dir',
    folder,
  ];
  redis = spawn('redis-server', words, { stdio: 'ignore' });
  await eventually('redis-server accepts', async () => accepts({ host: '127.0.0.1', port }));
});
afterAll(async () => {
  const gone = once(redis, 'exit');
  redis.kill();
  await gone;
  for (const one of [server, client, stranger]) one[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const address = (more: Partial<RedisAddress>): RedisAddress => ({ url: `rediss://localhost:${String(port)}`, ...more });
const trusted = { caFile: files.server.cert };
const known = { certificateFile: files.client.cert, keyFile: files.client.key };

test('its own CA and a certificate of this host: commands and events', async () => {
  await using store = await openStore(address({ ...trusted, ...known }));
  await store.connected(patience());
  const heard = new AbortController();
  const started = Promise.withResolvers<undefined>();
  const following = store.follow(() => heard.abort(), heard.signal, { onStart: () => started.resolve(undefined) });
  await started.promise;
  expect(await store.post(request())).toBe(true);
  await following;
  const seen: string[] = [];
  await lookAtRedisCertificate(address({ ...trusted, ...known }), (place) => seen.push(place), patience());
  expect(seen).toEqual([`localhost:${String(port)}`]);
});

test.each([
  ['a CA that the host does not trust', known, /self-signed|unable to verify/],
  ['another CA', { ...known, caFile: files.stranger.cert }, /self-signed|unable to verify/],
  ['no certificate of this host', trusted, /certificate required|closed|ECONNRESET/],
  [
    'a certificate of somebody else',
    { ...trusted, certificateFile: files.stranger.cert, keyFile: files.stranger.key },
    /unknown ca|closed|ECONNRESET/,
  ],
])('%s: never connected, and the log says why', async (_, more, why) => {
  // It tries again and again; on a busy machine a try may end before the handshake does.
  const told = Promise.withResolvers<undefined>();
  const onProblem = ({ message }: Error): void => {
    if (why.test(message)) told.resolve(undefined);
  };
  await using store = await openStore({ ...address(more), onProblem });
  await told.promise;
  await expect(store.ping()).rejects.toMatchObject({ code: 'REDIS_DOWN' });
});

test('a file that is not there is an error of the start', async () => {
  await expect(openStore(address({ caFile: join(folder, 'none') }))).rejects.toThrow('ENOENT');
});
