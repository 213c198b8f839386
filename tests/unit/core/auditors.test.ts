// Who may follow live connections: whom `auditors` names.
import { describe, expect, test } from '@jest/globals';
import { auditRule, isAuditor } from '../../../src/core/auditors.ts';
import type { SessionPolicy } from '../../../src/core/policy-types.ts';
import { dutyOf, policy } from './sample.ts';

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
