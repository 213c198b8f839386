// What the doctor makes of what a Redis reports, or keeps to itself.
import { describe, expect, test } from '@jest/globals';
import { parseInfo } from '../../../src/adapters/redis/version.ts';
import { aclFinding, clientsFinding, redisChecks, replicasFinding, skewFinding } from '../../../src/doctor/redis.ts';
import type { Scene } from '../../../src/doctor/scene.ts';

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

  test('what a managed service keeps to itself is unknown, and no fault', async () => {
    const facts = {
      url: new URL('rediss://r.example.com'),
      skewMs: 0,
      info: new Map(),
      acl: undefined,
      password: true,
      replicated: true,
    };
    const scene = { redis: async () => Promise.resolve(facts) } as unknown as Scene;
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
