// Notices over real HTTP on loopback.
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Notifier, openNotifier } from '../../src/adapters/notices/notify.ts';
import { retryAfterMs } from '../../src/adapters/retry-after.ts';
import type { Notice } from '../../src/core/notice.ts';

let server: Server;
let url: string;
let statuses: number[];
let retryAfter: string | undefined;
let received: unknown[];
let warnings: object[];
let given: { target: string; problem: string }[];
let arrived: EventTarget;

beforeEach(async () => {
  [statuses, received, warnings, given, arrived] = [[], [], [], [], new EventTarget()];
  retryAfter = undefined;
  server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/SECRET`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  received.push(JSON.parse(await text(request)));
  const status = statuses.shift() ?? 204;
  const retry = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  if (status !== 0) response.writeHead(status, { location: '/elsewhere', ...retry }).end('answer');
  arrived.dispatchEvent(new Event('notice'));
}

test('what a receiver asks for in Retry-After is waited for: nothing is sent before', async () => {
  [statuses, retryAfter] = [[429], '1'];
  const notifier = open();
  const began = performance.now();
  notifier.send(asked('R1'));
  await notifier.close(soon());
  expect(received.length).toBe(2);
  expect(performance.now() - began).toBeGreaterThanOrEqual(990);
});

test.each([
  [null, undefined],
  ['', undefined],
  ['soon', undefined],
  ['30', 30_000],
  ['86400', 300_000],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
])('Retry-After: %s is %s milliseconds', (header, ms) => expect(retryAfterMs(header, 10_000)).toBe(ms));

const open = (webhook = url, timeoutMs = 10_000): Notifier =>
  openNotifier({
    targets: [{ webhook, format: 'json' }],
    timeoutMs,
    backoffMs: 5,
    log: { warn: (event, fields) => warnings.push({ event, ...fields }) },
    failed: (target, problem) => given.push({ target, problem }),
  });
const asked = (request: string): Notice => ({ event: 'requested', host: 'prod-box', request });
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

test('notices arrive in order, filtered', async () => {
  const notifier = open();
  for (let i = 0; i < 5; i += 1) notifier.send({ ...asked(`R${i}`), reason: '\u001b[2J\u202e' });
  await notifier.close(soon());
  expect(received).toEqual([0, 1, 2, 3, 4].map((i) => ({ ...asked(`R${i}`), reason: '\ufffd[2J\ufffd' })));
  expect(given).toEqual([]);
});

test('server errors and "too many" are tried again, four times in all', async () => {
  statuses = [500, 429, 503];
  const notifier = open();
  notifier.send(asked('R1'));
  await notifier.close(soon());
  expect(received.length).toBe(4);
  expect(given).toEqual([]);
  statuses = [500, 500, 500, 500];
  const second = open();
  second.send(asked('R2'));
  await second.close(soon());
  expect(received.length).toBe(8);
  expect(given).toEqual([{ target: new URL(url).origin, problem: 'HTTP status 500' }]);
});

test.each([400, 404, 302])('HTTP %i is final, redirects are not followed', async (status) => {
  statuses = [status];
  const notifier = open();
  notifier.send(asked('R0'));
  await notifier.close(soon());
  expect(received.length).toBe(1);
  expect(given).toEqual([{ target: new URL(url).origin, problem: `HTTP status ${status}` }]);
});

test('a receiver that hangs is given up in time, and one that is gone too', async () => {
  statuses = [0, 0, 0, 0];
  const notifier = open(url, 50);
  notifier.send(asked('R0'));
  await notifier.close(soon());
  expect(given).toEqual([{ target: new URL(url).origin, problem: 'TimeoutError' }]);
  const nowhere = open('http://127.0.0.1:1/');
  nowhere.send(asked('R0'));
  await nowhere.close(soon());
  expect(given.length).toBe(2);
});

test('the queue is bounded and the close too; nothing throws; the path of a webhook stays secret (law 11)', async () => {
  statuses = Array.from({ length: 500 }, () => 0);
  const notifier = open(url, 60_000);
  const first = once(server, 'request');
  for (let i = 0; i < 150; i += 1) notifier.send(asked(`R${i}`));
  expect(given.length).toBe(49);
  await first;
  await notifier.close(AbortSignal.abort());
  expect(given.length).toBe(150);
  expect(() => notifier.send(asked('R0'))).not.toThrow();
  expect(() => notifier.send({ ...asked('R0'), big: 1n } as unknown as Notice)).not.toThrow();
  expect(JSON.stringify([warnings, given])).not.toContain('SECRET');
});
