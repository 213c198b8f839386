// Approvals that nobody gave: by another key, for another request or digest, by nobody on call, by the requester, of another kind,
// by a peer in this host's name; and the state set by hand.
import { expect } from '@jest/globals';
import type { Attack } from '../../../harness/attack.ts';
import {
  approvalBy,
  hostKeys,
  plantReview,
  requestKey,
  requestOnBoard,
  strangersKeys,
  tell,
} from '../../../harness/forge.ts';
import { ask } from '../../../harness/inside.ts';
import { redis } from '../../../harness/store-under-test.ts';
import { heard, records } from '../../../harness/outcome.ts';
import { peerKeys } from '../../../harness/peer.ts';

const ofThis = { file: 'keeper', piece: 'review2?.request === facts2.id && review2.digest === digest' };
const other = {
  file: 'keeper',
  piece: 'if (review2.request !== request.id || review2.digest !== digest) return "other-request";',
};

export const attack: Attack = {
  guards: [
    {
      what: 'that a review is over this digest',
      mutations: [
        { ...ofThis, becomes: 'review2?.request === facts2.id' },
        { ...other, becomes: '' },
      ],
    },
    {
      what: 'that a review is of this request',
      mutations: [
        { ...ofThis, becomes: 'review2?.digest === digest' },
        { ...other, becomes: '' },
      ],
    },
    {
      what: 'that nobody approves their own',
      mutations: [
        { file: 'keeper', piece: 'if (isOwn(review2.by, request.who.login, request.who)) return "self";', becomes: '' },
      ],
    },
    {
      what: 'that reviewers are approvers',
      mutations: [
        {
          file: 'keeper',
          piece: 'ruleOf(review2, policy, duty) === void 0 ? "not-approver" : void 0',
          becomes: 'void 0',
        },
      ],
    },
    {
      what: 'that a review is signed by the host where it was made',
      mutations: [
        {
          file: 'keeper',
          piece: 'return read2 !== void 0 && read2.host === read2.value.host ? read2.value : void 0;',
          becomes: 'return read2?.value;',
        },
      ],
    },
    {
      what: 'that another provider knows other people',
      mutations: [
        {
          file: 'keeper',
          piece: 'if (review2.by.issuer !== request.who.issuer) return "other-provider";',
          becomes: '',
        },
      ],
    },
  ],
  run: async (host) => {
    const { layout } = host;
    const { alice, bob } = host.people;
    const { terminal, request } = await ask(host, alice);
    const { facts, digest } = await requestOnBoard(layout, request);
    const [own, review] = [await hostKeys(layout), approvalBy(bob, facts, digest)];
    const grants = records(host, 'granted');
    const forged = [
      await (await strangersKeys()).sign('review', review),
      await own.sign('review', { ...review, digest: '0'.repeat(64) }),
      await own.sign('review', { ...review, request: 'ANDERE' }),
      await own.sign('review', { ...review, groups: ['engineers'] }),
      await own.sign('review', { ...review, by: facts.who }),
      await own.sign('review', { ...review, by: { ...review.by, issuer: 'https://elsewhere.example' } }),
      await peerKeys.sign('review', review),
      await own.sign('grant', review),
      JSON.stringify(review),
    ];
    for (const jws of forged) await plantReview(layout, request, jws);
    const names = { id: request, grant: 'F0RGEDF0RG', host: 'prod-box', session: 'prod-db', login: alice.login };
    await tell(layout, 'granted', names);
    await redis(layout, 'hset', requestKey(request), 'state', 'approved');
    await tell(layout, 'reviewed', { id: request });
    await redis(layout, 'hset', requestKey(request), 'state', 'pending');
    await heard(host);
    expect(records(host, 'granted')).toBe(grants);
    expect(terminal.text).not.toMatch(/Approved by|until \d\d:\d\d:\d\d UTC \(/);
    terminal.type('q');
    await terminal.exit;
  },
};
