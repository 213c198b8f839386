// `revoke` of a grant of another host, which is down, and a confirmation that it did not give: the verb must not say "confirmed".
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { grantFor, hostKeys, plantGrant, strangersKeys, tell } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { records } from '../../../harness/outcome.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that only that host itself confirms',
      mutations: [
        {
          file: 'keeper',
          piece: '"confirmation", confirmationShape, host)',
          becomes: '"confirmation", confirmationShape)',
        },
      ],
    },
    {
      what: 'that it confirms this grant',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (read4?.value.id === id3) deps.peerConfirmations',
          becomes: 'if (read4 !== void 0) deps.peerConfirmations',
        },
      ],
    },
    {
      what: 'that a confirmation is signed',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (read4?.value.id === id3) deps.peerConfirmations',
          becomes: 'deps.peerConfirmations',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout, provider } = host;
    const { alice } = host.people;
    const grant = grantFor(alice, provider.issuer, { host: peerHost });
    const { id, end } = grant;
    const place = { host: peerHost, session: 'prod-db', login: alice.login, id, expires: end };
    await plantGrant(layout, await peerKeys.sign('grant', grant), place);
    const before = records(host, 'revoked');
    const revoking = host.cli(['revoke', id]);
    await eventually('it is being revoked', () => records(host, 'revoked') > before);
    const proofs = [
      '',
      JSON.stringify({ id }),
      await (await hostKeys(layout)).sign('confirmation', { id }),
      await (await strangersKeys()).sign('confirmation', { id }),
      await peerKeys.sign('confirmation', { id: 'AN0THER' }),
      await peerKeys.sign('revocation', { grantId: id, host: peerHost, session: 'prod-db', login: 'x', end }),
    ];
    for (const proof of proofs) await tell(layout, 'confirmed', { host: peerHost, id, proof });
    expect((await revoking).stdout).toContain(`${peerHost}: NOT CONFIRMED`);
    await redis(layout, 'del', `{tmux-gate}:grants:${peerHost}`);
  },
};
