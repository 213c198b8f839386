// A Redis by URL goes away and comes back, with the keeper restarted meanwhile, or loading slowly.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../../scripts/sandbox/host.ts';
import type { Person } from '../../../scripts/sandbox/person.ts';
import {
  answers,
  expectCode,
  expectInOrder,
  expectNobody,
  killKeeper,
  sessionProcesses,
} from '../../harness/faults.ts';
import { eventually } from '../../../scripts/sandbox/eventually.ts';
import { comeBack, connections, enter, testHost } from '../../harness/inside.ts';
import { outsideRedis, type OutsideRedis } from '../../harness/outside-redis.ts';
import { seenOn } from '../../harness/refused.ts';

let host: Host;
let redis: OutsideRedis;
let alice: Person;

beforeAll(async () => {
  redis = await outsideRedis();
  await redis.start();
  host = await testHost({
    prefix: 'tgq',
    people: { carol: ['engineers'] },
    config: (config) => ({ ...config, redis: redis.url }),
  });
  ({ alice } = host.people);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

async function reachable(): Promise<void> {
  await eventually('the keeper is connected', async () => (await host.cli(['requests'])).code === 0);
}

test('away, then loading, then back: refused meanwhile, the live visit runs on, and its grant still opens', async () => {
  const inside = await enter(host, alice);
  await redis.kill();
  const attach = async (): Promise<void> => expectCode(await seenOn(alice.ssh(['-t', 'prod-db'])), 'REDIS_DOWN', 69);
  await attach();
  await answers(inside, 'away');
  await redis.start({ loadSlowly: true });
  await attach();
  await reachable();
  const again = await comeBack(host, alice);
  await answers(again, 'back');
  await answers(inside, 'still');
  await expectInOrder(host);
});

test('away while the keeper is restarted: who is in stays in, and what nobody is attached to runs until its grant ends', async () => {
  const carol = host.people['carol'] ?? alice;
  const inside = await enter(host, alice);
  inside.terminal.type('MARK=kept; sleep 4714 &\r');
  await answers(inside, 'marked');
  inside.terminal.type('\u0002d');
  expect(await inside.terminal.exit).toMatchObject({ code: 0 });
  await eventually('she left', () => connections(host.layout).length === 0);
  await redis.kill();
  await killKeeper(host);
  await host.keeper.start();
  expect(sessionProcesses(host)).not.toEqual([]);
  expectCode(await seenOn(alice.ssh(['-t', 'prod-db'])), 'REDIS_DOWN', 69);
  await redis.start();
  await reachable();
  const again = await comeBack(host, alice);
  again.terminal.type('echo "<$MARK>"\r');
  await again.terminal.until('<kept>');
  await redis.kill();
  await killKeeper(host);
  await host.keeper.start();
  await again.terminal.until(/\u001b\]2;prod-db on prod-box, until /);
  await answers(again, 'on');
  expect((await host.cli(['revoke', again.grant])).code).toBe(0);
  expect(await again.terminal.exit).toMatchObject({ code: 77 });
  await expectNobody(host);
  await redis.start();
  await reachable();
  await expectInOrder(host, carol);
});

test('law 6: away over the end of a grant and a restart: nothing runs on without a grant', async () => {
  const inside = await enter(host, alice, { window: '10s' });
  await redis.kill();
  await killKeeper(host);
  await inside.terminal.exit;
  await host.keeper.start();
  await expectNobody(host);
  await redis.start();
  await reachable();
  await expectInOrder(host);
});
