// Sentinel by TLS with a user of its own: a server and a Sentinel that show and ask for certificates (docs/store.md).
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lookAtRedisCertificate } from '../../src/adapters/redis/certificate.ts';
import type { RedisAddress } from '../../src/core/policy-types.ts';
import { openStore } from '../../src/adapters/redis/store.ts';
import { accepts, freePort } from '../../scripts/sandbox/sockets.ts';
import { makeCertificate } from '../harness/certificate.ts';
import { ended } from '../../scripts/sandbox/ended.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { patience, request } from './store-harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'store-sentinel-tls-'));
const certificate = makeCertificate('redis', 'IP:127.0.0.1');
const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), password: join(folder, 'password') };
const running: ChildProcess[] = [];
let sentinel: number;

async function started(port: number, settings: readonly string[], ...words: readonly string[]): Promise<void> {
  const own = join(folder, `${String(port)}.conf`);
  const tls = ['port 0', `tls-port ${String(port)}`, `tls-cert-file ${files.cert}`, `tls-key-file ${files.key}`];
  const lines = [...tls, `tls-ca-cert-file ${files.cert}`, 'tls-replication yes', 'bind 127.0.0.1', `dir ${folder}`];
  writeFileSync(own, `${[...lines, ...settings].join('\n')}\n`);
  running.push(spawn('redis-server', [own, ...words], { stdio: 'ignore' }));
  await eventually('it accepts', async () => accepts({ host: '127.0.0.1', port }));
}

beforeAll(async () => {
  writeFileSync(files.cert, certificate.cert);
  writeFileSync(files.key, certificate.key);
  writeFileSync(files.password, 'a-password\n');
  const server = await freePort();
  await started(server, ['save ""']);
  sentinel = await freePort();
  const watch = `sentinel monitor main 127.0.0.1 ${String(server)} 1`;
  const users = ['user default off', 'user watch on >a-password ~* &* -@all +auth +sentinel +subscribe +ping'];
  await started(sentinel, [watch, ...users], '--sentinel');
});
afterAll(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await ended(child);
  }
  certificate[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const address = (more: Partial<RedisAddress> = {}): RedisAddress => ({
  ...{ url: 'rediss://main', sentinels: [`127.0.0.1:${String(sentinel)}`] },
  ...{ sentinelUser: 'watch', sentinelPasswordFile: files.password },
  ...{ caFile: files.cert, certificateFile: files.cert, keyFile: files.key },
  ...more,
});

test('the primary is found and used, and the certificate of the Sentinel looked at', async () => {
  await using store = await openStore(address());
  await store.connected(patience());
  expect(await store.post(request())).toBe(true);
  const seen: string[] = [];
  await lookAtRedisCertificate(address(), (place) => seen.push(place), patience());
  expect(seen).toEqual([`127.0.0.1:${String(sentinel)}`]);
});

test.each([
  ['another password', { sentinelPasswordFile: files.key }, /WRONGPASS/],
  ['no certificate', { certificateFile: undefined, keyFile: undefined }, /certificate|closed|ECONNRESET/i],
])('%s: never connected, and the log says why', async (_, more, why) => {
  const told = Promise.withResolvers<undefined>();
  const onProblem = ({ message }: Error): void => {
    if (why.test(message)) told.resolve(undefined);
  };
  await using store = await openStore({ ...address(more as Partial<RedisAddress>), onProblem });
  await told.promise;
  await expect(store.ping()).rejects.toMatchObject({ code: 'REDIS_DOWN' });
});
