// People, a policy and a request to reason about.
import type { Duty } from '../../../src/core/on-call.ts';
import type { SessionPolicy } from '../../../src/core/policy-types.ts';
import type { Person, RequestFacts, Review } from '../../../src/core/request.ts';

export const digest = 'a'.repeat(64);

export function person(name: string): Person {
  return { issuer: 'https://id.example.com', subject: `u-${name}`, login: name, claim: `${name}@example.com` };
}

export const loginRule = { claim: 'email', stripDomain: 'example.com' };

/** What on-call sources said: nothing, unless a test says otherwise. */
export function dutyOf(named: Readonly<Record<string, readonly string[]>> = {}): Duty {
  return { named: new Map(Object.entries(named)), rule: loginRule };
}

export const policy: SessionPolicy = {
  name: 'prod-db',
  runAs: 'dba',
  who: ['engineers', 'admins'],
  approvers: { groups: ['oncall', 'leads'], count: 2, byLink: true },
  window: { defaultMs: 1_800_000, maxMs: 3_600_000 },
  reason: { pattern: '^(INC|CHG)-[0-9]+ ', hint: 'ticket and what you will do' },
  atExpiry: 'kill',
  sessionGraceMs: 10_000,
  kind: 'shared',
  privileges: 'none',
  ...{ record: 'output', secretPrompts: [] },
  mode: 'type',
  moderated: false,
};

export const request: RequestFacts = {
  id: 'K7QF00',
  host: 'prod-box',
  session: 'prod-db',
  account: 'dba',
  who: person('alice'),
  address: '10.0.0.7',
  fingerprint: 'SHA256:x',
  reason: 'INC-1 look',
  durationMs: 1_800_000,
  requestedAt: 1_000_000,
  answerBy: 2_800_000,
};

export function review(by: Person, change: Partial<Review> = {}): Review {
  return {
    request: request.id,
    digest,
    host: 'prod-box',
    verdict: 'approve',
    by,
    groups: ['oncall'],
    at: 1_500_000,
    proof: { issuedAt: 1_490_000 },
    ...change,
  };
}
