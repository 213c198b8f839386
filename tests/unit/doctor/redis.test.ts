// What the doctor makes of what a Redis reports, or keeps to itself.
import { describe, expect, test } from '@jest/globals';
import { parseInfo } from '../../../src/adapters/redis/version.ts';
import { aclFinding, clientsFinding, redisChecks, replicasFinding, skewFinding } from '../../../src/doctor/redis.ts';
import { examine } from '../../../src/doctor/examine.ts';
import type { RedisFacts } from '../../../src/doctor/redis-facts.ts';
import type { Scene } from '../../../src/doctor/scene.ts';

const sceneOf = (told: Partial<RedisFacts>): Scene => {
  const facts: RedisFacts = {
    url: new URL('rediss://r.example.com'),
    ...{ skewMs: 0, info: new Map(), acl: undefined, password: true, replicated: true },
    ...told,
  };
  return { redis: async () => Promise.resolve(facts) } as unknown as Scene;
};

async function verdictsOf(told: Partial<RedisFacts>, ids: readonly string[]): Promise<readonly string[]> {
  const results = await examine(
    sceneOf(told),
    redisChecks.filter(({ id }) => ids.includes(id)),
  );
  return ids.map((id) => results.find((result) => result.id === id)?.verdict ?? 'not looked at');
}

describe('Redis', () => {
  const open = 'user default on nopass ~* &* +@all';
  const shut = 'user default off ~* &* +@all';
  const locked = 'user default on #5994471abb01112a ~* &* +@all';
  test.each([
    ['redis://db.example.com:6379', [open], true, 'fail'],
    ['redis://127.0.0.1:6379', [open], false, 'warn'],
    ['redis://db.example.com:6379', undefined, false, 'fail'],
    ['redis://db.example.com:6379', undefined, true, 'ok'],
    ['redis://db.example.com:6379', [shut, 'user gate on #59 ~tmux-gate:* +@all'], true, 'ok'],
    ['redis://db.example.com:6379', [locked], true, 'warn'],
    ['unix:/run/x', [open], false, 'ok'],
  ] as const)('%s %j', (url, acl, password, verdict) => {
    expect(aclFinding({ url: new URL(url), acl, password }).verdict).toBe(verdict);
  });

  test('room for connections', () => {
    expect([10, 8_000, 9_999].map((open) => clientsFinding(open, 10_000).verdict)).toEqual(['ok', 'warn', 'warn']);
    expect(clientsFinding(10, NaN).verdict).toBe('unknown');
  });

  test('replicas, where one may take over', () => {
    expect(replicasFinding(0, true)).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('none can take over'),
    });
    expect(replicasFinding(1, false)).toMatchObject({ verdict: 'warn', why: expect.stringContaining('(1 replica)') });
    expect(replicasFinding(2, true).verdict).toBe('ok');
  });

  test.each([
    ['min_slaves_good_slaves:1', 'ok'],
    ['config_file:/etc/redis/redis.conf', 'warn'],
    ['config_file:', 'warn'],
    ['config_file:-', 'unknown'],
    ['os:Amazon ElastiCache', 'unknown'],
  ])('whether a primary takes writes alone, where INFO has %s: %s', async (field, verdict) => {
    const info = parseInfo(`role:master\r\nconnected_slaves:2\r\n${field}\r\n`);
    expect(await verdictsOf({ info }, ['redis-replicas', 'redis-master'])).toEqual([verdict, 'ok']);
  });

  test('what a managed service keeps to itself is unknown, and no fault', async () => {
    const scene = sceneOf({});
    const asked = [
      'redis-durable',
      'redis-eviction',
      'redis-master',
      'redis-version',
      'redis-clients',
      'redis-replicas',
    ];
    for (const check of redisChecks.filter(({ id }) => asked.includes(id)))
      await expect(check.look(scene)).rejects.toThrow(/Redis does not tell/);
  });

  test('clock and INFO', () => {
    expect([200, -3_000, 6_000].map((ms) => skewFinding(ms).verdict)).toEqual(['ok', 'warn', 'fail']);
    expect(parseInfo('# Server\r\nrole:master\r\nexecutable:/a:b\r\n').get('executable')).toBe('/a:b');
  });
});
