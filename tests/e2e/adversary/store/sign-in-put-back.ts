// A sign-in that was withdrawn, put back: the login belongs to the same person again, and must still sign in anew.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { named, outcomeOf } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the bar that a withdrawn sign-in leaves',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (read4.value.at <= deps.tombstones.barredUntil(visitor.login)) return void 0;',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const carol = named(host, 'carol');
    expect(await outcomeOf(carol)).toBe('asked');
    const pattern = `{tmux-gate}:sign-in:prod-box:${carol.login}:*`;
    const [key = ''] = (await redis(layout, '--scan', '--pattern', pattern)).split('\n');
    const old = await redis(layout, 'get', key);
    await host.cli(['unpin', carol.login]);
    expect(await redis(layout, 'exists', key)).toBe('0');
    expect(await outcomeOf(carol)).toBe('asked');
    await redis(layout, 'set', key, old, 'px', '600000');
    expect((await carol.run(['whoami'])).stdout).toMatch(/^Identity +not signed in$/m);
    await redis(layout, 'del', key);
  },
};
