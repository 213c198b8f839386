// Who may follow live connections: whom `auditors` names, and never their own.
import { describe, expect, test } from '@jest/globals';
import { auditRule, isAuditor, isOwn } from '../../../src/core/auditors.ts';
import type { SessionPolicy } from '../../../src/core/policy-types.ts';
import { dutyOf, person, policy } from './sample.ts';

const audited: SessionPolicy = { ...policy, auditors: { groups: ['audit'], onCall: ['watchers'] } };
const bob = (...groups: readonly string[]) => ({ groups, claim: 'bob@example.com' });

describe('law 1: an auditor is named by the policy alone', () => {
  test('by a group or a source, and the rule says which', () => {
    expect(auditRule(audited, bob('audit'), dutyOf())).toBe('sessions.prod-db.auditors.groups: audit');
    const duty = dutyOf({ watchers: ['bob'] });
    expect(auditRule(audited, bob(), duty)).toBe('sessions.prod-db.auditors.on_call: watchers');
    expect(auditRule(policy, bob('audit'), duty)).toBeUndefined();
  });

  test('not by being an approver, nor by asking', () => {
    expect(auditRule(audited, bob('oncall', 'leads', 'engineers'), dutyOf({ primary: ['bob'] }))).toBeUndefined();
  });

  test('of some session of the host, or of none', () => {
    const sessions = { 'prod-db': policy, 'prod-web': { ...audited, name: 'prod-web' } };
    expect(isAuditor({ sessions }, bob('audit'), dutyOf())).toBe(true);
    expect(isAuditor({ sessions }, bob('oncall'), dutyOf())).toBe(false);
  });
});

test('law 3: a connection of the same login or the same subject is their own; of an unknown owner the login alone counts', () => {
  const [alice, carol] = [person('alice'), person('carol')];
  expect(isOwn(alice, 'alice', carol)).toBe(true);
  expect(isOwn({ ...alice, login: 'twin' }, 'alice', alice)).toBe(true);
  expect(isOwn(carol, 'alice', alice)).toBe(false);
  expect(isOwn(carol, 'alice', undefined)).toBe(false);
});
