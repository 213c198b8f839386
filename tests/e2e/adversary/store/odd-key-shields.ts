// Keys with odd names, planted and named in the indexes, so that a revoked grant among them is not deleted when Redis is back.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, plantGrant } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { redis } from '../../../harness/store-under-test.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that one odd key does not keep the others',
      mutations: [
        { file: 'keeper', piece: 'return names.filter(isOurs);', becomes: 'return names;' },
        {
          file: 'keeper',
          piece: 'await deps.store.revoke(name).catch((',
          becomes: 'await deps.store.revoke(name).finally((',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout, provider } = host;
    const { alice } = host.people;
    const grant = grantFor(alice, provider.issuer);
    const { id, end } = grant;
    const place = { session: 'prod-db', login: alice.login, id, expires: end };
    const jws = await (await hostKeys(layout)).sign('grant', grant);
    const key = await plantGrant(layout, jws, place);
    expect((await host.cli(['revoke', id])).code).toBe(0);
    const odd = ['a b', 'c\nd', '\u001b[2J', 'e*', '', '{x}'].flatMap((name) =>
      Array.from({ length: 20 }, (_, n) => `{tmux-gate}:grant:${name}:s${String(n)}:__proto__:${id}`),
    );
    for (const one of odd) {
      await redis(layout, 'set', one, 'x', 'pxat', String(end));
      for (const index of ['grants', 'grants:prod-box']) await redis(layout, 'zadd', `{tmux-gate}:${index}`, '1', one);
    }
    await plantGrant(layout, jws, place);
    await redis(layout, 'client', 'kill', 'type', 'normal');
    const gone = eventually('the key is deleted', async () => (await redis(layout, 'exists', key)) === '0', 10_000);
    expect(await gone.catch(() => 'it is still there')).toBe(true);
    await redis(layout, 'del', ...odd);
  },
};
