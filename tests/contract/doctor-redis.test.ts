// What the doctor says of a Redis that is too old, and of one that keeps its settings to itself, as managed services do.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { examine } from '../../src/doctor/examine.ts';
import { redisChecks } from '../../src/doctor/redis.ts';
import { readRedis } from '../../src/doctor/redis-facts.ts';
import type { Scene } from '../../src/doctor/scene.ts';
import type { Config } from '../../src/core/policy-types.ts';
import { layoutAt } from '../../src/wire/layout.ts';
import { older, onTheWay, same, type OnTheWay } from '../harness/on-the-way.ts';
import { openTestStore, type TestStore } from './store-harness.ts';

let harness: TestStore;
let between: OnTheWay;

beforeAll(async () => {
  harness = await openTestStore();
  between = await onTheWay({ path: decodeURIComponent(new URL(harness.server.url).pathname) });
});
afterAll(async () => {
  await between[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

/** Each check with its verdict, and the reasons of those that are not ok. */
async function diagnosed(user = ''): Promise<{ verdicts: Readonly<Record<string, string>>; why: string }> {
  const redis = { kind: 'url', url: `redis://${user}127.0.0.1:${String(between.port)}` } as const;
  const config = { redis } as Config;
  const facts = await readRedis(config, layoutAt('/nonexistent'));
  const scene = { root: true, redis: async () => Promise.resolve(facts), config: async () => Promise.resolve(config) };
  const results = await examine(scene as unknown as Scene, redisChecks);
  const findings = results.flatMap((one) => one.findings.filter(({ verdict }) => verdict !== 'ok'));
  return {
    verdicts: Object.fromEntries(results.map(({ id, verdict }) => [id, verdict])),
    why: findings.map(({ why, remedy }) => `${why} (${remedy ?? ''})`).join('\n'),
  };
}

/** Of a server that is as it should be, but for a password. */
const healthy = {
  'redis-answers': 'ok',
  'redis-clock': 'ok',
  'redis-durable': 'ok',
  'redis-eviction': 'ok',
  'redis-master': 'ok',
  'redis-replicas': 'ok',
  'redis-version': 'ok',
  'redis-clients': 'ok',
  'redis-acl': 'warn',
  'redis-tls': 'ok',
};

test('one that is too old fails by its name, and what to install', async () => {
  between.turn(older);
  const { verdicts, why } = await diagnosed();
  expect(verdicts).toEqual({ ...healthy, 'redis-version': 'fail' });
  expect(why).toMatch(/Redis 6\.[0-9.]+ is too old: no grant can be made \(install Redis 7\.0 or later\)/);
});

test('what a user may not read cannot be told, and is no fault', async () => {
  between.turn(same);
  const warned = jest.spyOn(console, 'warn').mockReturnValue(); // by ioredis
  await harness.redis('acl', 'setuser', 'guest', 'on', 'nopass', '~*', '&*', '+@all', '-info', '-config', '-acl');
  const { verdicts, why } = await diagnosed('guest@');
  const hidden = ['durable', 'eviction', 'master', 'version', 'clients'].map((id) => [`redis-${id}`, 'unknown']);
  expect(verdicts).toEqual({ ...healthy, ...Object.fromEntries(hidden) });
  expect(
    why.match(/Redis does not tell \w+ \(INFO\) \(look at the settings of the service, or allow \+info\)/g),
  ).toHaveLength(5);
  warned.mockRestore();
});
