// Values of 20 MB where a keeper reads: under a sign-in, a grant, a request, a review; none of it is ever sent to it.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { mostMemory, outcomeOf } from '../../../harness/outcome.ts';

const plant = `local big = string.rep('x', 20000000)
local function set(key) redis.call('SET', key, big, 'PX', 600000) end
set(KEYS[1])
for n = 1, 2 do
  set('{tmux-gate}:grant:prod-box:prod-db:' .. ARGV[1] .. ':HUGE' .. n)
  for _, index in ipairs({'{tmux-gate}:grants', '{tmux-gate}:grants:prod-box'}) do
    redis.call('ZADD', index, n, '{tmux-gate}:grant:prod-box:prod-db:' .. ARGV[1] .. ':HUGE' .. n)
  end
end
redis.call('HSET', '{tmux-gate}:request:B1GREQ1', 'jws', big, 'state', 'pending')
redis.call('HSET', '{tmux-gate}:request:B1GREQ2', 'jws', 'x', 'state', 'pending', 'review:x', big, big, 'x')
for n = 1, 2 do
  redis.call('PEXPIRE', '{tmux-gate}:request:B1GREQ' .. n, 600000)
  redis.call('ZADD', '{tmux-gate}:requests', n, 'B1GREQ' .. n)
end`;

const mb = 25;

export const attack: Attack = {
  guards: [
    {
      what: 'the size of a value',
      mutations: [{ file: 'keeper', piece: "or redis.call('STRLEN', key) > ${valueLimit}", becomes: '' }],
    },
    {
      what: 'the size of a request',
      mutations: [
        {
          file: 'keeper',
          piece: 'if #field > ${nameLimit} or size > ${valueLimit + 8} then return false end',
          becomes: '',
        },
        { file: 'keeper', piece: 'local room = ${requestLimit}', becomes: 'local room = 1e12' },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice } = host.people;
    expect(await outcomeOf(alice)).toBe('asked');
    const pattern = `{tmux-gate}:sign-in:prod-box:${alice.login}:*`;
    const [signIn = ''] = (await redis(layout, '--scan', '--pattern', pattern)).split('\n');
    mostMemory(host);
    const before = mostMemory(host);
    await redis(layout, 'eval', plant, '1', signIn, alice.login);
    // While Redis makes them it answers nobody, and its keeper says so.
    const said = await eventually('Redis answers again', async () => {
      const { code, stdout } = await alice.run(['whoami']);
      return code === 0 ? stdout : undefined;
    });
    expect(said).toMatch(/^Identity +not signed in$/m);
    expect((await host.cli(['grants', '--json'])).stdout.trim()).toBe('[]');
    expect((await host.cli(['requests'])).code).toBe(0);
    expect((await host.people.bob.run(['approve', 'B1GREQ2'])).code).not.toBe(0);
    expect(mostMemory(host) - before).toBeLessThan(mb);
    const grants = await redis(layout, '--scan', '--pattern', '{tmux-gate}:*HUGE*');
    const requests = ['{tmux-gate}:request:B1GREQ1', '{tmux-gate}:request:B1GREQ2'];
    await redis(layout, 'del', signIn, ...requests, ...grants.split('\n'));
    expect(await outcomeOf(alice)).toBe('asked');
  },
};
