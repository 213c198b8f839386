// A field more in the hash of a request after each count: the keeper must neither grant for ever nor fill its journal.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { requestKey } from '../../../harness/forge.ts';
import { ask, verb } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { records } from '../../../harness/outcome.ts';
import { shellPrompt } from '../../../harness/visits.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that reviews are counted by their own fields',
      mutations: [
        {
          file: 'keeper',
          piece: 'made >= 0 and reviews(KEYS[1]) ~= made',
          becomes: "made >= 0 and redis.call('HLEN', KEYS[1]) - 2 ~= made",
        },
      ],
    },
    {
      what: 'that counting ends',
      mutations: [
        { file: 'keeper', piece: 'made >= 0 and reviews(KEYS[1]) ~= made', becomes: 'made >= 0 and made < 100' },
        { file: 'keeper', piece: 'var mostCounts = 8;', becomes: 'var mostCounts = 300;' },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const { terminal, request } = await ask(host, alice);
    await redis(layout, 'hset', requestKey(request), 'odd', 'field', 'review:odd', 'value');
    const grants = records(host, 'granted');
    const { text } = await verb(bob, ['approve', request]);
    expect(records(host, 'granted')).toBe(grants + 1);
    expect(text).toContain('Approved');
    await terminal.until(shellPrompt);
    await host.cli(['revoke', request]);
    await terminal.exit;
  },
};
