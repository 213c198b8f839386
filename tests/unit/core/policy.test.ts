import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fits } from '../../../src/config/pattern.ts';
import { decide, isNamed, mayReview, reasonLimit, sessionOf, sessionsFor } from '../../../src/core/policy.ts';
import { dutyOf, policy } from './sample.ts';

const config = {
  sessions: {
    'prod-db': policy,
    scratch: { ...policy, name: 'scratch', who: ['everyone'], reason: {} },
  },
};
const engineer = { groups: ['engineers'] };
const asked = { session: 'prod-db', durationMs: 1_800_000, reason: 'INC-1 look' };

describe('law 1: the policy', () => {
  test('allows what a rule allows, and names the rule', () => {
    expect(decide(config, engineer, asked, fits)).toEqual({
      allow: true,
      rule: 'sessions.prod-db.who: engineers',
      policy,
    });
    expect(decide(config, { groups: ['x', 'admins'] }, { session: 'prod-db' }, fits)).toMatchObject({
      rule: 'sessions.prod-db.who: admins',
    });
  });

  test.each([
    ['a session that is not there', engineer, { ...asked, session: 'x' }, 'UNKNOWN_SESSION', 'no such session'],
    ['a word of the prototype', engineer, { ...asked, session: 'constructor' }, 'UNKNOWN_SESSION', 'no such session'],
    ['a person in no group', { groups: [] }, asked, 'NOT_ALLOWED', 'sessions.prod-db.who'],
    ['a person in another group', { groups: ['oncall'] }, asked, 'NOT_ALLOWED', 'sessions.prod-db.who'],
    [
      'too long a window',
      engineer,
      { ...asked, durationMs: 3_600_001 },
      'WINDOW_TOO_LONG',
      'sessions.prod-db.window.max',
    ],
    [
      'a reason of another form',
      engineer,
      { ...asked, reason: 'why not' },
      'BAD_REASON',
      'sessions.prod-db.reason.pattern',
    ],
    ['an unseen reason', engineer, { ...asked, reason: 'INC-1 \u202E' }, 'UNSEEN_REASON', 'sessions.prod-db.reason'],
    [
      'too long a reason',
      engineer,
      { ...asked, reason: `INC-1 ${'x'.repeat(reasonLimit)}` },
      'LONG_REASON',
      'sessions.prod-db.reason',
    ],
  ])('refuses %s, and names the rule', (_, who, what, code, rule) => {
    expect(decide(config, who, what, fits)).toEqual({ allow: false, code, rule });
  });

  test('asks for some reason even where it asks for no form', () => {
    const everyone = { groups: ['everyone'] };
    expect(decide(config, everyone, { session: 'scratch', reason: 'x' }, fits)).toMatchObject({ allow: true });
    expect(decide(config, everyone, { session: 'scratch', reason: '  ' }, fits)).toMatchObject({ code: 'BAD_REASON' });
  });

  test('is total: it answers for anything, and allows only members', () => {
    const word = fc.oneof(fc.constantFrom('prod-db', 'scratch', 'engineers', 'everyone', '__proto__'), fc.string());
    fc.assert(
      fc.property(fc.array(word), word, fc.integer(), fc.option(fc.string()), (groups, session, durationMs, reason) => {
        const what = { session, durationMs, ...(reason === null ? {} : { reason }) };
        const decision = decide(config, { groups }, what, fits);
        expect(decision.rule).not.toBe('');
        if (decision.allow) {
          expect(decision.policy.who.some((group) => groups.includes(group))).toBe(true);
          expect(durationMs).toBeLessThanOrEqual(decision.policy.window.maxMs);
        }
      }),
    );
  });

  test('shows a person the sessions that are theirs', () => {
    expect(sessionsFor(config, engineer).map(({ name }) => name)).toEqual(['prod-db']);
    expect(sessionsFor(config, { groups: [] })).toEqual([]);
    expect(sessionOf(config, 'scratch')?.name).toBe('scratch');
    expect(sessionOf(config, 'toString')).toBeUndefined();
  });

  test('knows whom it names, to ask or to review', () => {
    const named = (group: string) => isNamed(config, { groups: [group], claim: 'bob@example.com' }, dutyOf());
    for (const group of ['engineers', 'leads', 'everyone']) expect(named(group)).toBe(true);
    expect(named('guests')).toBe(false);
    expect(isNamed({ sessions: {} }, { ...engineer, claim: 'bob@example.com' }, dutyOf())).toBe(false);
    const onCall = { ...policy, approvers: { ...policy.approvers, onCall: ['primary'] } };
    const guest = { groups: ['guests'], claim: 'bob@example.com' };
    expect(isNamed({ sessions: { 'prod-db': onCall } }, guest, dutyOf({ primary: ['bob'] }))).toBe(true);
  });

  test('lets review whoever is in an approver group', () => {
    const claim = 'bob@example.com';
    expect(mayReview(policy, { groups: ['leads'], claim }, dutyOf())).toBe(true);
    expect(mayReview(policy, { ...engineer, claim }, dutyOf({ primary: ['bob'] }))).toBe(false);
  });
});
