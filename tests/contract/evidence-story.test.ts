// The story that the records of an access tell: each check of it has a case that nothing else finds. All records are signed by the host and
// proved, as whoever has the host's key can make them, or whoever puts an archive together.
import { afterAll, describe, expect, test } from '@jest/globals';
import { after, both, earlier, storyOf, twice, with_, without, type Change, type Told } from './evidence/story.ts';
import { Example, hex, started, verify, verifyInPython } from './evidence/verifying.ts';

const example = new Example();
const { work } = example;
afterAll(() => work.close());

const mallory = {
  issuer: 'https://id.example.com',
  subject: 'mallory',
  login: 'mallory',
  claim: 'mallory@example.com',
};
const alice = { issuer: 'https://id.example.com', subject: 'alice', login: 'al', claim: 'al@example.com' };
const extension = { event: 'requested', request: 'EXT111', extends: { grant: 'GK7QF2M' }, who: alice };
const policy = { event: 'policy', sha256: hex('two'), why: 'reload' };

const cases: readonly (readonly [what: string, said: string, change: Change, about?: Told])[] = [
  ['a record of another grant', 'belongs to something else', after('granted', { event: 'revoked', grant: 'GZZZZZ' })],
  ['a sign-in of somebody else', 'belongs to something else', with_('sign-in', { identity: mallory })],
  ['an id that is not in it', 'nothing here has the id ZZZZZZ', (all) => all, { id: 'ZZZZZZ' }],
  [
    'a second access',
    'records begin this access',
    both(twice('requested', { request: 'SECOND' }), after('requested', { event: 'lapsed', request: 'SECOND' })),
  ],
  [
    'a grant for somebody else',
    'more than one requester',
    both(with_('granted', { who: mallory }), with_('connected', { as: 'dba' })),
  ],
  [
    'a request that was made twice',
    'request EXT111 was made twice',
    after('granted', extension, extension, { event: 'denied', request: 'EXT111' }),
  ],
  ['a request of which nothing came', 'what came of request EXT111', after('granted', extension), { open: false }],
  [
    'a request that was granted and denied',
    'what came of request K7QF2M',
    after('reviewed', { event: 'denied', request: 'K7QF2M' }),
  ],
  [
    'a grant without its request',
    'the request of grant GK7QF2M',
    // An emergency code has no request that could be granted.
    both(
      (all) => all.map((one) => ('request' in one ? { ...one, request: 'GLASSK7QF2M' } : one)),
      with_('requested', { event: 'break-glass', code: 'K7QF2M', grant: 'GLASS1', login: 'alice', end: started }),
      after('grant-ended', { event: 'grant-ended', grant: 'GLASS1' }),
    ),
    { id: 'GK7QF2M' },
  ],
  [
    'a grant that nobody approved',
    'names nobody who approved',
    both(without('reviewed'), with_('granted', { approvers: [], proofs: [], reviewedOn: [] })),
  ],
  ['an approver without a proof', 'does not say how each approver proved', with_('granted', { proofs: [] })],
  [
    'an approval of their own request, under another login',
    'approved their own request',
    both(with_('granted', { approvers: [alice] }), with_('reviewed', { by: alice })),
  ],
  ['no review', 'the review of bob@example.com for K7QF2M: 0', without('reviewed')],
  [
    'a review of another request text',
    'the review of bob@example.com for K7QF2M: 0',
    with_('reviewed', { digest: 'a' }),
  ],
  ['a review that denies', 'the review of bob@example.com for K7QF2M: 0', with_('reviewed', { verdict: 'deny' })],
  ['a review by somebody else', 'the review of bob@example.com for K7QF2M: 0', with_('reviewed', { by: mallory })],
  ['a review twice', 'the review of bob@example.com for K7QF2M: 2', twice('reviewed')],
  ['no end of the grant', 'the end of grant GK7QF2M: 0', without('grant-ended'), { open: false }],
  ['two ends of the grant', 'the end of grant GK7QF2M: 2', twice('grant-ended')],
  ['a connection under no grant', 'under a grant that is not here', with_('connected', { grant: null })],
  ['no end of the connection', 'the end of connection CK7QF2M: 0', without('disconnected'), { open: false }],
  ['two ends of the connection', 'the end of connection CK7QF2M: 2', twice('disconnected')],
  [
    'a connection of somebody else',
    'connection CK7QF2M is of somebody else',
    with_('connected', { identity: mallory }),
  ],
  ['a connection that ended before it began', 'ended before it began', earlier('disconnected', 'connected')],
  ['a connection without its beginning', 'whose beginning is not here', without('connected')],
  ['a grant before its request', 'was made before its request', earlier('granted', 'requested')],
  ['a connection before its grant', 'was before its grant', earlier('connected', 'granted')],
  ['one that should have been over', 'should have been over', without('grant-ended', 'disconnected')],
  [
    'a policy that was not in force any more',
    'was not in force any more',
    twice('policy', { text: 'old', sha256: hex('old') }),
  ],
  ['a policy that was changed', 'does not have the digest', with_('policy', { text: 'host: prod-bux\n' })],
  [
    'a policy without its last part',
    'a part of a text is missing',
    // Whoever leaves a part out makes the digest that is left.
    after('granted', { ...policy, sha256: hex('t'), part: 1, parts: 2, text: 't' }),
  ],
  [
    'a policy without its first part',
    'a part of a text is missing',
    after('granted', { ...policy, part: 2, parts: 2, text: 'wo' }),
  ],
];

describe('is refused by both', () => {
  // Four each: of one that is missing, jest makes a callback.
  test.each(cases.map(([what, said, change, about = {}]) => [what, said, change, about] as const))(
    '%s',
    async (_, said, change, about) => {
      expect(await example.refused(await storyOf(work, change, about))).toContain(said);
    },
  );
});

const fine: readonly (readonly [what: string, said: string, change: Change])[] = [
  ['as it was', 'Notes: 3', (all) => all],
  [
    'a policy in three parts',
    `in force from record 6 on, SHA-256 ${hex('two')}`,
    after('granted', ...['t', 'w', 'o'].map((text, at) => ({ ...policy, part: at + 1, parts: 3, text }))),
  ],
  ['no policy', 'does not have the policy that was in force', without('policy')],
  ['a review after its grant', 'a review of K7QF2M came after its grant', earlier('granted', 'reviewed')],
  [
    'a review on another host',
    'approved on box-b: that review is in the journal there',
    both(without('reviewed'), with_('granted', { reviewedOn: ['box-b'] })),
  ],
  [
    'a connection that was over late',
    'seconds after the end of the access',
    with_('disconnected', ({ at }) => ({ at: new Date(Date.parse(String(at)) + 100_000).toISOString() })),
  ],
];

describe('is verified by both', () => {
  test.each(fine)('%s', async (_, told, change) => {
    const folder = work.summed(await storyOf(work, change));
    const [{ code, said }, second] = await Promise.all([verify(folder), verifyInPython(folder)]);
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(told) });
    expect(second).toMatchObject({ code: 0, said: 'VERIFIED\n' });
  });
});
