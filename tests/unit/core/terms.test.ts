import { expect, test } from '@jest/globals';
import { grantShape } from '../../../src/core/grant.ts';
import { requestShape } from '../../../src/core/request.ts';
import { keepsTerms, termsOf } from '../../../src/core/terms.ts';
import { policy, request } from './sample.ts';

const terms = termsOf(policy);

test('law 8: what was signed holds for the account, the kind and the privileges that it names', () => {
  expect(terms).toBe('dba shared none');
  expect(keepsTerms({ terms }, policy)).toBe(true);
  for (const change of [{ runAs: 'root2' }, { kind: 'dedicated' }, { privileges: 'account' }] as const)
    expect(keepsTerms({ terms, account: 'dba' }, { ...policy, ...change })).toBe(false);
});

test('what a keeper signed that knew no terms holds by the account alone, where it names one', () => {
  expect(keepsTerms({}, policy)).toBe(true);
  expect(keepsTerms(request, policy)).toBe(true);
  expect(keepsTerms(request, { ...policy, runAs: 'other' })).toBe(false);
});

test('requests and grants carry them, and nothing that only looks like them', () => {
  expect(requestShape({ ...request, terms })).toEqual({ ...request, terms });
  expect(requestShape({ ...request, terms: 'dba shared' })).toBeUndefined();
  const { who, session, host, reason } = request;
  const grant = { id: 'G1', request: 'K7QF00', digest: 'a'.repeat(64), host, session, who, reason, approvers: [] };
  expect(grantShape({ ...grant, start: 1, end: 2, terms })).toMatchObject({ terms });
  expect(grantShape({ ...grant, start: 1, end: 2, terms: `${terms} ` })).toBeUndefined();
});
