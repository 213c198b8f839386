// A revoked grant put back: at once, after the keeper was killed, and by a failover to a Redis that never heard of the revocation.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { plantGrant } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { outcomeOf } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the tombstone, when a grant is read',
      mutations: [
        {
          file: 'keeper',
          piece: ' || deps.tombstones.has(read4.value.id)) return void 0;\n  return { grant',
          becomes: ') return void 0;\n  return { grant',
        },
        { file: 'keeper', piece: 'if (!deps.tombstones.has(name.grantId)) continue;', becomes: 'continue;' },
      ],
    },
    {
      what: 'that tombstones are asserted when Redis is back',
      mutations: [{ file: 'keeper', piece: 'if (!deps.tombstones.has(name.grantId)) continue;', becomes: 'continue;' }],
    },
  ],
  run: async (host) => {
    const { layout, keeper } = host;
    const { alice } = host.people;
    const inside = await enter(host, alice);
    const key = `{tmux-gate}:grant:prod-box:prod-db:${alice.login}:${inside.grant}`;
    const [jws, end] = [await redis(layout, 'get', key), Number(await redis(layout, 'pexpiretime', key))];
    await host.cli(['revoke', inside.grant]);
    await inside.terminal.exit;
    const putBack = async (): Promise<unknown> =>
      plantGrant(layout, jws, { session: 'prod-db', login: alice.login, id: inside.grant, expires: end });
    await putBack();
    expect(await outcomeOf(alice)).toBe('asked');
    await redis(layout, 'client', 'kill', 'type', 'normal');
    const gone = eventually('the key is deleted', async () => (await redis(layout, 'exists', key)) === '0', 10_000);
    expect(await gone.catch(() => 'is still there')).toBe(true);
    keeper.kill('SIGKILL');
    await keeper.exit;
    await keeper.start();
    await putBack();
    expect(await outcomeOf(alice)).toBe('asked');
    expect((await host.cli(['grants', '--json'])).stdout.trim()).toBe('[]');
    await redis(layout, 'del', key);
  },
};
