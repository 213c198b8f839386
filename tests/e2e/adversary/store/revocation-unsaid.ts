// A revocation of a grant of another host, which is down: the key put back is deleted again, for as long as the grant would live, also
// by a keeper that has started since.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, plantGrant } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a revocation is said again',
      mutations: [
        {
          file: 'keeper',
          piece: 'await revokeAgain(deps);',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout, provider } = host;
    const { alice } = host.people;
    const grant = grantFor(alice, provider.issuer, { host: peerHost });
    const place = { host: peerHost, session: 'prod-db', login: alice.login, id: grant.id, expires: grant.end };
    const jws = await peerKeys.sign('grant', grant);
    const key = await plantGrant(layout, jws, place);
    expect((await host.cli(['revoke', grant.id])).stdout).toContain('NOT CONFIRMED');
    const isDeleted = async (): Promise<void> => {
      await plantGrant(layout, jws, place);
      const gone = eventually('it is deleted', async () => (await redis(layout, 'exists', key)) === '0', 12_000);
      expect(await gone.catch(() => 'it is still there')).toBe(true);
    };
    await isDeleted();
    await host.keeper.stop();
    await host.keeper.start();
    await isDeleted();
    await redis(layout, 'del', `{tmux-gate}:grants:${peerHost}`);
  },
};
