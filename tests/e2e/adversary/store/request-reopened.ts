// A request that was granted, and whose grant was revoked, set back to pending with all its approvals.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hour, requestKey, tell } from '../../../harness/forge.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { heard, outcomeOf, records } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a request is answered once',
      mutations: [{ file: 'keeper', piece: 'if (before2 && entry.state === "pending") return "over";', becomes: '' }],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice } = host.people;
    const inside = await enter(host, alice);
    await host.cli(['revoke', inside.grant]);
    await inside.terminal.exit;
    const grants = records(host, 'granted');
    const key = requestKey(inside.request);
    await redis(layout, 'hset', key, 'state', 'pending');
    await redis(layout, 'pexpireat', key, String(Date.now() + hour));
    await redis(layout, 'zadd', '{tmux-gate}:requests', '1', inside.request);
    await tell(layout, 'reviewed', { id: inside.request });
    await heard(host);
    expect(records(host, 'granted')).toBe(grants);
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', key);
  },
};
