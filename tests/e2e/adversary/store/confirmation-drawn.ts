// A confirmation drawn out of this host while the key of a grant is away, to be kept for the day when it is revoked: the key is
// then put back.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, plantGrant, tell } from '../../../harness/forge.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { heard } from '../../../harness/outcome.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that only what is buried here is confirmed',
      mutations: [{ file: 'keeper', piece: 'if (!deps.tombstones.has(id3)) return;', becomes: '' }],
    },
  ],
  run: async (host) => {
    const { layout, provider } = host;
    const { alice } = host.people;
    const grant = grantFor(alice, provider.issuer);
    const place = { session: 'prod-db', login: alice.login, id: grant.id, expires: grant.end };
    const names = { host: 'prod-box', session: 'prod-db', login: alice.login, id: grant.id };
    const confirmed = async (): Promise<boolean> =>
      (await redis(layout, '--raw', 'xrange', '{tmux-gate}:events', '-', '+')).includes(
        `\nconfirmed\nhost\nprod-box\nid\n${grant.id}\n`,
      );
    const jws = await (await hostKeys(layout)).sign('grant', grant);
    const key = await plantGrant(layout, jws, place);
    await redis(layout, 'del', key);
    await tell(layout, 'revoked', names);
    await heard(host);
    expect(await confirmed()).toBe(false);
    await plantGrant(layout, jws, place);
    await tell(layout, 'revoked', names);
    await heard(host);
    expect(await confirmed()).toBe(false);
    const { code, stdout } = await host.cli(['revoke', grant.id]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('prod-box: confirmed') });
    expect(await redis(layout, 'exists', key)).toBe('0');
  },
};
