// A Redis that is too old, as people and admins meet it: a real one, whose answer of INFO is changed on the way.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Host } from '../../scripts/sandbox/host.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { diagnose, findingOf } from '../harness/doctor.ts';
import { testHost } from '../harness/inside.ts';
import { older, onTheWay, same, type OnTheWay } from '../harness/on-the-way.ts';
import { outsideRedis } from '../harness/outside-redis.ts';
import { endIt, letIn } from '../harness/visits.ts';

const made = new AsyncDisposableStack();
let between: OnTheWay;
let host: Host;

beforeAll(async () => {
  const redis = made.use(await outsideRedis());
  await redis.start();
  between = made.use(await onTheWay({ host: '127.0.0.1', port: Number(new URL(redis.url).port) }));
  const url = `redis://127.0.0.1:${String(between.port)}`;
  host = made.use(await testHost({ ownRedis: true, prefix: 'tgo', config: (config) => ({ ...config, redis: url }) }));
}, 60_000);
afterAll(async () => made.disposeAsync());

test('is refused by its name to whoever comes, said by the doctor, and taken once it is new enough', async () => {
  await endIt(host, await letIn(host, host.people.alice));
  between.turn(older);
  between.drop();
  const met = await eventually('the keeper has met it', async () => {
    const terminal = host.people.alice.ssh(['-t', 'prod-db', '--for 5m --reason INC-1 look']);
    const { code } = await terminal.exit;
    return terminal.text.includes('[REDIS_TOO_OLD]') ? { code, text: terminal.text } : undefined;
  });
  expect(met.code).toBe(69);
  expect(met.text).toContain('The Redis of prod-box is too old, so no access can be requested or granted.');
  expect(met.text).toContain('Redis 7.0 or Valkey 7.2 is the oldest that works');
  expect(findingOf(await diagnose(host), 'redis-version')).toMatchObject({
    verdict: 'fail',
    why: expect.stringMatching(/^Redis 6\.[0-9.]+ is too old: no grant can be made$/),
    remedy: 'install Redis 7.0 or later',
  });
  between.turn(same);
  await eventually('the keeper is connected', async () => (await host.cli(['requests'])).code === 0);
  await endIt(host, await letIn(host, host.people.alice));
});
