// One person counted twice where two must approve: under two logins, as two subjects of one login, from two hosts.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import { approvalBy, hostKeys, plantReview, requestOnBoard } from '../../../harness/forge.ts';
import { ask } from '../../../harness/inside.ts';
import { heard, records } from '../../../harness/outcome.ts';
import { peerHost, peerKeys } from '../../../harness/peer.ts';

const once = 'isSamePerson(other.by, review2.by) || other.by.login === review2.by.login';

export const attack: Attack = {
  guards: [
    {
      what: 'that a subject counts once',
      mutations: [{ file: 'keeper', piece: once, becomes: 'other.by.login === review2.by.login' }],
    },
    {
      what: 'that a login counts once',
      mutations: [{ file: 'keeper', piece: once, becomes: 'isSamePerson(other.by, review2.by)' }],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const grants = records(host, 'granted');
    for (const change of [{ login: 'bob2' }, { subject: 'another' }, {}]) {
      const { terminal, request } = await ask(host, alice, { session: 'prod-two' });
      const { facts, digest } = await requestOnBoard(layout, request);
      const review = approvalBy(bob, facts, digest);
      const second = { ...review, by: { ...review.by, ...change } };
      await plantReview(layout, request, await (await hostKeys(layout)).sign('review', review));
      await plantReview(
        layout,
        request,
        await peerKeys.sign('review', { ...second, host: peerHost, at: review.at + 1 }),
      );
      await heard(host);
      expect(records(host, 'granted')).toBe(grants);
      terminal.type('q');
      await terminal.exit;
    }
  },
};
