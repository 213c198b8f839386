// Redis filled: thousands of requests, large ones too, a hundred thousand grants, ten thousand events. It may hide what waits, and
// wears no keeper out; who is known by id is approved and revoked.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { mostMemory } from '../../../harness/outcome.ts';
import { letIn } from '../../../harness/visits.ts';

const flood = `for i = 1, 340 do
  local key = '{tmux-gate}:request:FLOOD' .. i
  redis.call('HSET', key, 'jws', 'x', 'state', 'pending')
  for r = 1, 7 do redis.call('HSET', key, 'review:' .. r, '000 ' .. string.rep('x', 65000)) end
  redis.call('PEXPIRE', key, 600000)
  redis.call('ZADD', '{tmux-gate}:requests', i, 'FLOOD' .. i)
end
for i = 1, 5000 do
  redis.call('HSET', '{tmux-gate}:request:SMALL' .. i, 'jws', 'x', 'state', 'pending')
  redis.call('PEXPIRE', '{tmux-gate}:request:SMALL' .. i, 600000)
  redis.call('ZADD', '{tmux-gate}:requests', i, 'SMALL' .. i)
end
for i = 1, 100000 do
  local key = '{tmux-gate}:grant:prod-box:prod-db:x:' .. i
  redis.call('SET', key, 'x', 'PX', 600000)
  if i < 21000 then
    redis.call('ZADD', '{tmux-gate}:grants', i, key)
    redis.call('ZADD', '{tmux-gate}:grants:prod-box', i, key)
  end
end
for i = 1, 10000 do redis.call('XADD', '{tmux-gate}:events', '*', 'type', 'reviewed', 'id', 'FLOOD' .. i) end`;

const sweep = `for _, key in ipairs(redis.call('KEYS', '{tmux-gate}:*')) do
  if string.find(key, ':FLOOD') or string.find(key, ':SMALL') or string.find(key, ':x:') then redis.call('UNLINK', key) end
end
redis.call('DEL', '{tmux-gate}:requests', '{tmux-gate}:grants')
redis.call('XTRIM', '{tmux-gate}:events', 'MAXLEN', 0)`;

export const attack: Attack = {
  guards: [
    {
      what: 'the size of an answer',
      mutations: [{ file: 'keeper', piece: 'if room < 0 then return found end', becomes: '' }],
    },
    {
      what: 'that a listing of too many keys is none',
      mutations: [
        { file: 'keeper', piece: "if redis.call('ZCARD', KEYS[1]) > ${memberLimit} then", becomes: 'if false then' },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    mostMemory(host);
    const before = mostMemory(host);
    await redis(layout, 'eval', flood, '0');
    const told = await Promise.all(Array.from({ length: 3 }, async () => host.cli(['requests'])));
    const grants = await host.cli(['grants']);
    // A visit reads this index too, and is refused while it is flooded.
    await redis(layout, 'del', '{tmux-gate}:grants:prod-box');
    // While Redis writes and reads all of that it answers nobody, and its keeper says so.
    await eventually('Redis answers again', async () => (await host.people.alice.run(['whoami'])).code === 0);
    const inside = await letIn(host, host.people.alice);
    const revoked = await host.cli(['revoke', inside.request]);
    await inside.terminal.exit;
    await redis(layout, 'eval', sweep, '0');
    // Listed, or said to be down on a busy host: Redis may deny service.
    for (const { code } of told) expect([0, 69]).toContain(code);
    expect(grants.stderr).toContain('[REDIS_DOWN]');
    expect(revoked.code).toBe(0);
    expect(mostMemory(host) - before).toBeLessThan(150);
  },
};
