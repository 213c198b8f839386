// The key of a live grant deleted, so that its visit ends; then, once the keeper was killed, put back.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { plantGrant } from '../../../harness/forge.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { endsWithin, outcomeOf } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the tombstone of what was withdrawn',
      mutations: [
        {
          file: 'keeper',
          piece: 'await deps.tombstones.add(grant.id, grant.end).catch((error63) => {',
          becomes: 'void Promise.resolve().catch((error) => {',
        },
      ],
    },
    {
      what: 'the look at the keys of live grants',
      mutations: [{ file: 'keeper', piece: 'if (there.has(grant.id)) continue;', becomes: 'continue;' }],
    },
  ],
  run: async (host) => {
    const { layout, keeper } = host;
    const { alice } = host.people;
    const inside = await enter(host, alice);
    const key = `{tmux-gate}:grant:prod-box:prod-db:${alice.login}:${inside.grant}`;
    const [jws, end] = [await redis(layout, 'get', key), Number(await redis(layout, 'pexpiretime', key))];
    await redis(layout, 'del', key);
    expect(await endsWithin(inside.terminal, 20_000)).toBe(true);
    expect(inside.terminal.text).toContain('was withdrawn');
    keeper.kill('SIGKILL');
    await keeper.exit;
    await keeper.start();
    await plantGrant(layout, jws, { session: 'prod-db', login: alice.login, id: inside.grant, expires: end });
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'del', key);
  },
};
