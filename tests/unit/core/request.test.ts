import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOwn } from '../../../src/core/identity.ts';
import { faultOf, proofOf, requestShape, reviewShape, ruleOf, tally, type Review } from '../../../src/core/request.ts';
import { digest, dutyOf, person, policy, request, review } from './sample.ts';

const count = (reviews: readonly Review[]) => tally(reviews, { facts: request, digest }, policy, dutyOf());
const [alice, bob, carol, dave] = ['alice', 'bob', 'carol', 'dave'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
];

const reviewer = fc.record({
  issuer: fc.constantFrom('https://id.example.com', 'https://other'),
  subject: fc.constantFrom('u-alice', 'u-bob', 'u-carol', 'u-dave'),
  login: fc.constantFrom('alice', 'bob', 'carol', 'dave'),
  claim: fc.constant('x@example.com'),
});
const anyReview: fc.Arbitrary<Review> = fc
  .record({
    by: reviewer,
    verdict: fc.oneof({ weight: 6, arbitrary: fc.constant('approve' as const) }, fc.constant('deny' as const)),
    groups: fc.subarray(['oncall', 'leads', 'engineers']),
    digest: fc.oneof({ weight: 5, arbitrary: fc.constant(digest) }, fc.constant('b'.repeat(64))),
    request: fc.oneof({ weight: 5, arbitrary: fc.constant(request.id) }, fc.constant('OTHER1')),
    durationMs: fc.option(fc.integer({ min: 1, max: 10_000_000 })),
  })
  .map(({ durationMs, by, ...rest }) => review(by, { ...rest, ...(durationMs === null ? {} : { durationMs }) }));
const reviews = fc.array(anyReview, { maxLength: 8 });

describe('law 3: nobody reviews their own request', () => {
  test('not by subject, not by login, and not as both', () => {
    for (const own of [alice, { ...alice, login: 'bob' }, { ...bob, login: 'alice' }])
      expect(faultOf(review(own), { facts: request, digest }, policy, dutyOf())).toBe('self');
    expect(faultOf(review(bob), { facts: request, digest }, policy, dutyOf())).toBeUndefined();
  });

  test('no tally ever holds one', () => {
    fc.assert(
      fc.property(reviews, (list) => {
        const result = count(list);
        const counted = result.state === 'approved' ? result.by : result.state === 'denied' ? [result.by] : [];
        for (const { by } of counted) expect(isOwn(by, request.who.login, request.who)).toBe(false);
      }),
    );
  });
});

describe('law 8: a review is of exactly the request that was shown', () => {
  test('a review of another digest or another id counts for nothing', () => {
    expect(faultOf(review(bob, { digest: 'b'.repeat(64) }), { facts: request, digest }, policy, dutyOf())).toBe(
      'other-request',
    );
    expect(faultOf(review(bob, { request: 'OTHER1' }), { facts: request, digest }, policy, dutyOf())).toBe(
      'other-request',
    );
    expect(count([review(bob), review(carol, { digest: 'b'.repeat(64) })])).toEqual({ state: 'pending', missing: 1 });
  });

  test('what a host signs reads back as it was', () => {
    expect(requestShape(JSON.parse(JSON.stringify(request)))).toEqual(request);
    const full = review(bob, {
      durationMs: 5,
      reason: 'ok',
      local: true,
      proof: { issuedAt: 1, authenticatedAt: 1, amr: ['otp'], acr: 'gold', byLink: true },
    });
    expect(reviewShape(JSON.parse(JSON.stringify(full)))).toEqual(full);
    expect(reviewShape({ ...full, verdict: 'maybe' })).toBeUndefined();
    expect(requestShape({ ...request, id: '../x' })).toBeUndefined();
  });
});

describe('counting reviews', () => {
  test('an approver is in one of the groups of the session', () => {
    expect(faultOf(review(bob), { facts: request, digest }, policy, dutyOf())).toBeUndefined();
    expect(faultOf(review(bob, { groups: ['leads'] }), { facts: request, digest }, policy, dutyOf())).toBeUndefined();
    expect(faultOf(review(bob, { groups: ['engineers'] }), { facts: request, digest }, policy, dutyOf())).toBe(
      'not-approver',
    );
  });

  test('law 2: or is on call by a source, known by the verified claim and not by the login that was told', () => {
    const onCall = { ...policy, approvers: { groups: [], onCall: ['primary'], count: 1, byLink: true } };
    const duty = dutyOf({ primary: ['bob'] });
    const fault = (by: ReturnType<typeof person>) =>
      faultOf(review(by, { groups: [] }), { facts: request, digest }, onCall, duty);
    expect(fault(bob)).toBeUndefined();
    expect(fault(carol)).toBe('not-approver');
    expect(fault({ ...carol, login: 'bob' })).toBe('not-approver');
    expect(ruleOf(review(bob, { groups: [] }), onCall, duty)).toBe('sessions.prod-db.approvers.on_call: primary');
    expect(ruleOf(review(bob), policy, duty)).toBe('sessions.prod-db.approvers.groups: oncall');
  });

  test('who is on call is judged when reviews are counted, and never for their own request', () => {
    const onCall = { ...policy, approvers: { groups: [], onCall: ['primary'], count: 1, byLink: true } };
    const made = [review(bob, { groups: [] })];
    expect(tally(made, { facts: request, digest }, onCall, dutyOf({ primary: ['bob'] })).state).toBe('approved');
    expect(tally(made, { facts: request, digest }, onCall, dutyOf({ primary: ['dave'] })).state).toBe('pending');
    const own = [review(alice, { groups: [] })];
    expect(tally(own, { facts: request, digest }, onCall, dutyOf({ primary: ['alice'] })).state).toBe('pending');
  });

  test('an approval by link counts while the policy lets links decide; one that was typed always does', () => {
    const shut = { ...policy, approvers: { ...policy.approvers, byLink: false } };
    const byLink = review(bob, { proof: { issuedAt: 1_490_000, byLink: true } });
    expect(faultOf(byLink, { facts: request, digest }, policy, dutyOf())).toBeUndefined();
    expect(faultOf(byLink, { facts: request, digest }, shut, dutyOf())).toBe('by-link');
    expect(faultOf(review(bob), { facts: request, digest }, shut, dutyOf())).toBeUndefined();
  });

  test('the proof of a review is what the token said, and no more', () => {
    const said = { issuedAt: 1, authenticatedAt: 2, amr: ['otp'], acr: 'gold', flow: 'code' } as const;
    expect(proofOf({ ...bob, ...said })).toEqual(said);
    expect(proofOf({ issuedAt: 1 })).toEqual({ issuedAt: 1 });
  });

  test('as many people as the policy says', () => {
    expect(count([])).toEqual({ state: 'pending', missing: 2 });
    expect(count([review(bob)])).toEqual({ state: 'pending', missing: 1 });
    expect(count([review(bob), review(carol)])).toMatchObject({ state: 'approved' });
  });

  test('a person counts once, under whatever subject or login', () => {
    expect(count([review(bob), review(bob)])).toEqual({ state: 'pending', missing: 1 });
    expect(count([review(bob), review({ ...bob, login: 'dave' })])).toEqual({ state: 'pending', missing: 1 });
    expect(count([review(bob), review({ ...dave, login: 'bob' })])).toEqual({ state: 'pending', missing: 1 });
  });

  test('one denial wins over any number of approvals, unless it does not count', () => {
    const denial = review(dave, { verdict: 'deny', reason: 'not now' });
    expect(count([review(bob), review(carol), denial])).toEqual({ state: 'denied', by: denial });
    expect(count([review(bob), review(carol), { ...denial, by: alice }])).toMatchObject({ state: 'approved' });
    expect(count([review(bob), review(carol), { ...denial, groups: [] }])).toMatchObject({ state: 'approved' });
  });

  test('the shortest window offered wins, and nobody lengthens', () => {
    const offer = (a?: number, b?: number) =>
      count([
        review(bob, a === undefined ? {} : { durationMs: a }),
        review(carol, b === undefined ? {} : { durationMs: b }),
      ]);
    expect(offer()).toMatchObject({ durationMs: request.durationMs });
    expect(offer(60_000, 120_000)).toMatchObject({ durationMs: 60_000 });
    expect(offer(60_000_000)).toMatchObject({ durationMs: request.durationMs });
    const long = { ...request, durationMs: 90_000_000 };
    expect(tally([review(bob), review(carol)], { facts: long, digest }, policy, dutyOf())).toMatchObject({
      durationMs: policy.window.maxMs,
    });
  });

  test('whatever the reviews are, an approval needs enough different people and grants no more than was asked', () => {
    fc.assert(
      fc.property(reviews, (list) => {
        const result = count(list);
        if (result.state !== 'approved') return;
        expect(new Set(result.by.map(({ by }) => by.login)).size).toBe(result.by.length);
        expect(new Set(result.by.map(({ by }) => `${by.issuer} ${by.subject}`)).size).toBe(result.by.length);
        expect(result.by.length).toBeGreaterThanOrEqual(policy.approvers.count);
        expect(result.durationMs).toBeLessThanOrEqual(request.durationMs);
        for (const { durationMs = Infinity } of result.by) expect(result.durationMs).toBeLessThanOrEqual(durationMs);
        for (const { verdict } of result.by) expect(verdict).toBe('approve');
      }),
    );
  });

  test('another review never takes away a denial, and never makes more people of the same', () => {
    fc.assert(
      fc.property(reviews, anyReview, (list, more) => {
        if (count(list).state === 'denied') expect(count([...list, more]).state).toBe('denied');
        expect(count([...list, ...list]).state).toBe(count(list).state);
      }),
    );
  });
});

test('an extension names its grant inside the signature; what is none is no request', () => {
  const extension = { ...request, extends: { grant: 'ABCDEFGHJK', until: 5 } };
  expect(requestShape(JSON.parse(JSON.stringify(extension)))).toEqual(extension);
  for (const prolonged of ['ABCDEFGHJK', { grant: 'ABCDEFGHJK' }, { grant: 'a:b', until: 5 }, null])
    expect(requestShape({ ...request, extends: prolonged })).toBeUndefined();
});
