// People who can get in, or write to Redis, and try to wear the keeper out.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Host } from '../../scripts/sandbox/host.ts';
import { testHost } from '../house/inside.ts';
import { endIt, knock, leaveQueue, letIn, putInOrder, rows, say } from '../house/visits.ts';

let host: Host;

/** The look of a pattern that an admin writes in good faith, and that backtracks without end. */
const slow = String.raw`^(\w+\s?)+$`;

beforeAll(async () => {
  host = await testHost({
    prefix: 'brk',
    people: { carol: ['engineers'] },
    config: (config) => {
      const sessions = config.sessions as Readonly<Record<string, object>>;
      const policy = sessions['prod-db'];
      return {
        ...config,
        sessions: { ...sessions, slow: { ...policy, reason: { pattern: slow } }, wide: { ...policy, reason: {} } },
      };
    },
  });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
});

const redis = (script: string, ...args: string[]): string =>
  execFileSync('redis-cli', ['-s', `${host.root}/run/tmux-gate/redis/sock`, 'EVAL', script, '0', ...args], {
    encoding: 'utf8',
  });

const memoryMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.keeper.pid}/status`, 'utf8'))?.[1]) / 1024;

test('a reason that makes its pattern backtrack without end is refused at once, and the keeper goes on', async () => {
  const began = performance.now();
  const { text } = await say(host.people.alice, ['-tt', 'slow', '--reason', `${'a'.repeat(60)}!`]);
  expect(text).toContain('[BAD_REASON]');
  expect(performance.now() - began).toBeLessThan(30_000);
});

test('law 5: two revocations at the same moment both bite, and the next keeper starts', async () => {
  const inside = [
    await letIn(host, host.people.alice),
    await letIn(host, host.people['carol'] as Host['people']['bob']),
  ];
  await Promise.all(inside.map(async (one) => endIt(host, one)));
  await host.keeper.stop();
  await host.keeper.start();
  expect((await host.cli(['status'])).code).toBe(0);
});

test('a listing as JSON may be longer than a line of text', async () => {
  const reason = '\u{1F512}'.repeat(195);
  const waiting = [
    await knock(host.people.alice, { session: 'wide', reason }),
    await knock(host.people['carol'] as Host['people']['bob'], { session: 'wide', reason }),
  ];
  expect(await rows(host.people.bob, 'requests')).toHaveLength(2);
  for (const one of waiting) await leaveQueue(one);
});

test('law 8: whoever fills Redis with requests and grants of any size wears no keeper out', async () => {
  redis(
    `for i = 1, 40 do
    local key = 'tmux-gate:request:FLOOD' .. i
    redis.call('HSET', key, 'jws', 'x', 'state', 'pending')
    for r = 1, 60 do redis.call('HSET', key, 'review:' .. r, '000 ' .. string.rep('x', 65000)) end
    redis.call('PEXPIRE', key, 600000)
    redis.call('ZADD', 'tmux-gate:requests', i, 'FLOOD' .. i)
  end
  redis.call('HSET', 'tmux-gate:request:NAMED', 'jws', 'x', 'state', 'pending', string.rep('n', 50000000), 'x')
  redis.call('PEXPIRE', 'tmux-gate:request:NAMED', 600000)
  redis.call('ZADD', 'tmux-gate:requests', 0, 'NAMED')
  for i = 1, 100000 do redis.call('SET', 'tmux-gate:grant:' .. ARGV[1] .. ':prod-db:x:' .. i, 'x', 'PX', 600000) end`,
    'prod-box',
  );
  const before = memoryMb();
  const told = await Promise.all(Array.from({ length: 5 }, async () => host.cli(['requests'])));
  expect(told.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect((await host.cli(['grants'])).stderr).toContain('[REDIS_DOWN]');
  expect(memoryMb() - before).toBeLessThan(150);
  const inside = await letIn(host, host.people.alice);
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  expect((await host.cli(['revoke', inside.request])).code).toBe(0);
  await inside.terminal.exit;
  redis(`redis.call('FLUSHALL')`);
  await putInOrder(host);
});
