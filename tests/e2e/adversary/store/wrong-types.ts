// Every key of ours of another type: nothing opens, nothing breaks, and what is live can still be revoked.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { endsWithin, named, outcomeOf } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that telling comes after removing, and its failure undoes nothing',
      mutations: [
        {
          file: 'keeper',
          piece: "redis.pcall('ZREM', KEYS[2], KEYS[1])",
          becomes: "redis.call('ZREM', KEYS[2], KEYS[1])",
        },
        {
          file: 'keeper',
          piece: 'deps.log.warn("revoke-not-in-store", { grant: id3, error: error63 });',
          becomes: 'throw error63;',
        },
      ],
    },
    {
      what: 'that a wrong type is no value',
      mutations: [
        {
          file: 'keeper',
          piece: "redis.call('TYPE', key).ok == kind and redis.call('PTTL', key) > 0",
          becomes: "redis.call('PTTL', key) > 0",
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice } = host.people;
    const carol = named(host, 'carol');
    const inside = await enter(host, alice);
    const signIn =
      (await redis(layout, '--scan', '--pattern', `{tmux-gate}:sign-in:prod-box:${alice.login}:*`)).split('\n')[0] ??
      '';
    const kept = await redis(layout, 'dump', signIn).then(() => redis(layout, 'get', signIn));
    const wrong = ['requests', 'events', 'grants', 'grants:prod-box'].map((name) => `{tmux-gate}:${name}`);
    await redis(layout, 'del', ...wrong, signIn);
    for (const key of wrong) await redis(layout, 'set', key, 'wrong');
    await redis(layout, 'hset', signIn, 'wrong', 'type');
    await redis(layout, 'pexpire', signIn, '600000');
    expect(await outcomeOf(carol)).toBe('REDIS_DOWN');
    expect((await host.cli(['requests'])).stderr).toContain('[REDIS_DOWN]');
    expect((await alice.run(['whoami'])).stdout).toMatch(/^Identity +not signed in$/m);
    const { code, stdout } = await host.cli(['revoke', inside.grant]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('confirmed') });
    expect(await endsWithin(inside.terminal, 20_000)).toBe(true);
    await redis(layout, 'del', ...wrong, signIn);
    await redis(layout, 'set', signIn, kept, 'px', '600000');
    expect(await outcomeOf(carol)).toBe('asked');
  },
};
