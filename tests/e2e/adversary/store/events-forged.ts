// Events that nobody told: granted, reviewed, revoked, confirmed, locked, with wrong proofs and with none.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hostKeys, strangersKeys, tell } from '../../../harness/forge.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { heard, records } from '../../../harness/outcome.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

const proved = 'const proved = said?.value.grantId === id3 && said.value.host === deps.host ? said.value : void 0;';

export const attack: Attack = {
  guards: [
    {
      what: 'that an event only makes the host look',
      mutations: [{ file: 'keeper', piece: 'proved !== void 0 || !await stands(deps, live2.grant)', becomes: 'true' }],
    },
    {
      what: 'that a revocation names the grant',
      mutations: [{ file: 'keeper', piece: proved, becomes: 'const proved = said?.value;' }],
    },
    {
      what: 'that a revocation is signed',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (!held) return false;',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice } = host.people;
    const inside = await enter(host, alice);
    const [grants, own] = [records(host, 'granted'), await hostKeys(layout)];
    const names = { host: 'prod-box', session: 'prod-db', login: alice.login };
    const revocation = { ...names, grantId: inside.grant, end: inside.end };
    const proofs = [
      '',
      JSON.stringify(revocation),
      await (await strangersKeys()).sign('revocation', revocation),
      await peerKeys.sign('revocation', { ...revocation, grantId: 'AN0THER' }),
      await peerKeys.sign('revocation', { ...revocation, host: peerHost }),
      await peerKeys.sign('confirmation', { id: inside.grant }),
      await own.sign('grant', revocation),
    ];
    for (const proof of proofs) await tell(layout, 'revoked', { ...names, id: inside.grant, proof });
    for (const id of [inside.request, '__proto__', 'a b\nc', '\u001b[2J', 'x'.repeat(5_000)])
      for (const type of ['reviewed', 'denied', 'granted', 'locked', 'revoked', '__proto__'])
        await tell(layout, type, { ...names, id, grant: 'F0RGEDF0RG' });
    await heard(host);
    inside.terminal.type('echo "still-$((6*7))"\r');
    const still = await inside.terminal.until(/still-42|revoked|withdrawn/);
    expect(still[0]).toBe('still-42');
    expect(records(host, 'granted')).toBe(grants);
    const told = await redis(layout, '--raw', 'xrange', '{tmux-gate}:events', '-', '+');
    expect(told).not.toMatch(new RegExp(`confirmed\\s+host\\s+prod-box\\s+id\\s+${inside.grant}`));
    await host.cli(['revoke', inside.grant]);
    await inside.terminal.exit;
  },
};
