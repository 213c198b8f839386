// The embedded Redis is killed or hangs: live visits run to their end, new ones are refused, the keeper brings it back.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Host } from '../../../scripts/sandbox/host.ts';
import { answers, expectInOrder } from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { ask, comeBack, connections, enter, isAlive, testHost } from '../../harness/inside.ts';
import { redis } from '../../harness/store-under-test.ts';

let host: Host;

beforeAll(async () => {
  host = await testHost({ ownRedis: true, prefix: 'tgq' });
});
afterAll(async () => {
  signal('SIGCONT');
  await host[Symbol.asyncDispose]();
});

const redisPid = (): number => Number(readFileSync(`${host.layout.run}/redis.pid`, 'utf8').split(' ')[0]);
function signal(name: NodeJS.Signals): void {
  if (isAlive(redisPid())) process.kill(redisPid(), name);
}

test('a Redis that is killed costs no live visit; the keeper starts it again and the grant still opens', async () => {
  const inside = await enter(host, host.people.alice);
  const killed = redisPid();
  process.kill(killed, 'SIGKILL');
  await answers(inside, 'killed');
  await eventually(
    'another redis-server answers',
    async () => redisPid() !== killed && (await redis(host.layout, 'ping').catch(() => '')) === 'PONG',
  );
  const again = await eventually('the keeper is connected', async () =>
    (await host.people.alice.run(['whoami', '--json'])).code === 0 ? comeBack(host, host.people.alice) : undefined,
  );
  await answers(again, 'again');
  await answers(inside, 'still');
  await host.cli(['revoke', inside.grant]);
  await Promise.all([inside.terminal.exit, again.terminal.exit]);
});

test('laws 1 and 4: while Redis hangs, new visits and reviews read REDIS_DOWN; a live visit runs to its very end', async () => {
  const inside = await enter(host, host.people.alice, { window: '12s' });
  signal('SIGSTOP');
  for (const [person, words] of [
    ['alice', ['-t', 'prod-db']],
    ['bob', ['approve', '000000']],
    ['bob', ['requests']],
  ] as const) {
    const refused = host.people[person].ssh(words);
    expect(await refused.exit).toMatchObject({ code: 69 });
    expect(refused.text).toContain('[REDIS_DOWN]');
  }
  await answers(inside, 'alive');
  expect((await host.cli(['status'])).stdout).toMatch(/^redis +DOWN {2}REDIS_DOWN$/m);
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  expect(Date.now()).toBeGreaterThanOrEqual(inside.end);
  expect(Date.now()).toBeLessThan(inside.end + 15_000);
  expect(inside.terminal.text).toContain('Your access to prod-db on prod-box has ended');
  await eventually('nothing of it is left', () => connections(host.layout).length === 0);
  signal('SIGCONT');
  const after = await eventually(
    'a request can be posted',
    async () => ask(host, host.people.alice).catch(() => undefined),
    15_000,
  );
  after.terminal.type('q');
  expect(await after.terminal.exit).toMatchObject({ code: 130 });
  await expectInOrder(host);
});
