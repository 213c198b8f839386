// A revocation made at another host, and the key put back before this host looks: the signed word ends the visit all the same.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { tell } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { enter } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { endsWithin, outcomeOf } from '../../../harness/outcome.ts';
import { peerKeys } from '../../../harness/peer.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'the revocation that a peer signed',
      mutations: [{ file: 'keeper', piece: 'proved !== void 0 || !await stands', becomes: '!await stands' }],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice } = host.people;
    const inside = await enter(host, alice);
    const names = { host: 'prod-box', session: 'prod-db', login: alice.login };
    const proof = await peerKeys.sign('revocation', { ...names, grantId: inside.grant, end: inside.end });
    await tell(layout, 'revoked', { ...names, id: inside.grant, proof });
    expect(await endsWithin(inside.terminal, 20_000)).toBe(true);
    expect(inside.terminal.text).toContain('was revoked by another host');
    const key = `{tmux-gate}:grant:prod-box:prod-db:${alice.login}:${inside.grant}`;
    await eventually('the key is deleted', async () => (await redis(layout, 'exists', key)) === '0');
    expect(await outcomeOf(alice)).toBe('asked');
  },
};
