// A denial made here of a request of another host, deleted before that host counts: it is said again.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { hour, plantRequest, requestKey } from '../../../harness/forge.ts';
import { eventually } from '../../../../scripts/sandbox/eventually.ts';
import { verb } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

export const attack: Attack = {
  guards: [
    {
      what: 'that a denial is said again',
      mutations: [{ file: 'keeper', piece: '?.reviews.includes(jws) === false', becomes: ' === 0' }],
    },
  ],
  run: async ({ layout, provider: { issuer }, people: { bob } }) => {
    const who = { issuer, subject: 'somebody', login: 'somebody', claim: 'somebody@example.com' };
    const facts = {
      ...{ id: 'DEN1ED', host: peerHost, session: 'prod-db', account: 'dba', who, address: '', fingerprint: '' },
      ...{ reason: 'INC-1 look', durationMs: 60_000, requestedAt: Date.now(), answerBy: Date.now() + hour },
    };
    await plantRequest(layout, facts.id, await peerKeys.sign('request', facts));
    expect((await verb(bob, ['deny', facts.id, '--reason', 'no'])).text).toContain(`${peerHost}, which decides`);
    const fields = async (): Promise<readonly string[]> =>
      (await redis(layout, '--raw', 'hkeys', requestKey(facts.id)))
        .split('\n')
        .filter((name) => name.startsWith('review:'));
    const [made = ''] = await fields();
    expect(made).not.toBe('');
    await redis(layout, 'hdel', requestKey(facts.id), made);
    const again = eventually('it is there again', async () => (await fields()).length === 1, 12_000);
    expect(await again.catch(() => 'it stayed away')).toBe(true);
    await redis(layout, 'del', requestKey(facts.id));
  },
};
