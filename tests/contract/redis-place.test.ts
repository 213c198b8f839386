// How a policy's `redis` becomes the options of a connection.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { AbstractConnector } from 'ioredis';
import { connectRedis, leaveRedis } from '../../src/adapters/redis/connect.ts';
import { pauseBefore } from '../../src/adapters/redis/pause.ts';
import { endpointText } from '../../src/adapters/redis/endpoint.ts';
import { endpointsOf, isReplicated, placeOf } from '../../src/adapters/redis/place.ts';

test.each([
  [{ url: 'redis://a' }, ['a:6379']],
  [{ url: 'rediss://u@[::1]:7000' }, ['[::1]:7000']],
  [{ url: 'redis://name', sentinels: ['a', 'b:1', '[::1]', '[::2]:2'] }, ['a:26379', 'b:1', '[::1]:26379', '[::2]:2']],
  [{ url: 'redis://a:7000', cluster: ['b', 'c:7002'] }, ['a:7000', 'b:6379', 'c:7002']],
])('the servers of %j', (address, servers) => {
  expect(endpointsOf(address).map(endpointText)).toEqual(servers);
  expect(isReplicated(address)).toBe('sentinels' in address || 'cluster' in address);
});

test('TLS goes to Sentinels too, and names a host, never an address', async () => {
  const many = await placeOf({ url: 'rediss://u@name', sentinels: ['10.0.0.1'] });
  expect(many).toMatchObject({ name: 'name', role: 'master', enableTLSForSentinelMode: true, username: 'u' });
  for (const tls of [many.tls, many.sentinelTLS]) expect(tls).toEqual({ rejectUnauthorized: true });
  const named = { rejectUnauthorized: true, servername: 'a.example.com' };
  expect((await placeOf({ url: 'rediss://a.example.com' })).tls).toEqual(named);
  expect((await placeOf({ url: 'rediss://10.0.0.1' })).tls).toEqual({ rejectUnauthorized: true });
  expect((await placeOf({ url: 'redis://a' })).tls).toBeUndefined();
});

test('a connection that the library gives up is made again, until it is left', async () => {
  const server = createServer((socket) => socket.on('data', () => socket.write('+OK\r\n'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let asked = 0;
  class Once extends AbstractConnector {
    constructor() {
      super(0);
    }
    override async connect(): Promise<Socket> {
      asked += 1;
      // As when a Sentinel tells of a failover meanwhile.
      if (asked === 1) return Promise.reject(new Error('Connection is closed.'));
      this.stream = connect(port, '127.0.0.1');
      return Promise.resolve(this.stream);
    }
  }
  const ready = Promise.withResolvers<undefined>();
  const options = { Connector: Once, lazyConnect: true, enableReadyCheck: false, disableClientInfo: true };
  const redis = connectRedis(
    { ...options, enableOfflineQueue: false, protocol: 2 },
    { onReady: () => ready.resolve(undefined) },
  );
  await ready.promise;
  expect(asked).toBe(2);
  const over = once(redis, 'end');
  leaveRedis(redis);
  await over;
  await delay(100); // longer than the pause before another try
  expect(asked).toBe(2);
  server.close();
});

test('pauses grow to two seconds, and differ from host to host', () => {
  const longest = [1, 2, 3, 6, 20].map((times) => pauseBefore(times, 1));
  expect(longest).toEqual([50, 100, 200, 1600, 2000]);
  expect(pauseBefore(20, 0)).toBe(1000);
});
