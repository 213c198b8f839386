// What is proposed for the claims, by what the tokens of real providers carry.
import { describe, expect, test } from '@jest/globals';
import { claimRows, proposeClaims } from '../../../../src/core/setup-rules/claims.ts';

const base = { iss: 'https://id.example.com', sub: '00u1', aud: 'tmux-gate', iat: 1, exp: 2 };

describe('the claim of the login', () => {
  test.each([
    [
      'a verified address',
      { email: 'alice@Example.com', email_verified: true },
      { claim: 'email', stripDomain: 'example.com' },
      'alice',
    ],
    [
      'one that is verified as text',
      { email: 'alice@a.b', email_verified: 'true' },
      { claim: 'email', stripDomain: 'a.b' },
      'alice',
    ],
    [
      'an address that nobody verified',
      { email: 'alice@a.b', preferred_username: 'alice' },
      { claim: 'preferred_username' },
      'alice',
    ],
    [
      'a user name with a domain',
      { preferred_username: 'Bob@corp.example.com' },
      { claim: 'preferred_username', stripDomain: 'corp.example.com' },
      'Bob',
    ],
    [
      'a user name that is no login',
      { preferred_username: 'Bob Smith', upn: 'bob@a.b' },
      { claim: 'upn', stripDomain: 'a.b' },
      'bob',
    ],
    ['two signs of a domain', { preferred_username: 'a@b@c' }, { claim: 'sub' }, undefined],
    ['nothing but a subject', { preferred_username: 7 }, { claim: 'sub' }, undefined],
    ['too long a name', { preferred_username: 'a'.repeat(400) }, { claim: 'sub' }, undefined],
  ])('%s', (_, claims, login, own) => {
    expect(proposeClaims({ ...base, ...claims })).toMatchObject({ login, own });
  });
});

describe('the claim of the groups', () => {
  test.each([
    ['Keycloak, Okta, Dex', { roles: ['x'], groups: ['engineers', 'oncall'] }, 'groups', ['engineers', 'oncall']],
    ['Auth0', { amr: ['pwd'], 'https://example.com/groups': ['a'] }, 'https://example.com/groups', ['a']],
    [
      'Zitadel',
      { 'urn:zitadel:iam:org:project:roles': { engineers: { 1: 'x' } } },
      'urn:zitadel:iam:org:project:roles',
      ['engineers'],
    ],
    ['one group as text', { role: 'engineers' }, 'role', ['engineers']],
    ['roles', { roles: ['a', 7] }, 'roles', ['a']],
    ['Google', { hd: 'example.com' }, undefined, []],
    ['a number', { groups: 7 }, undefined, []],
    ['none', { groups: null }, undefined, []],
  ])('%s', (_, claims, groups, ownGroups) => {
    expect(proposeClaims({ ...base, ...claims })).toMatchObject({ groups, ownGroups, isOverage: false });
  });

  test('too many groups are named as such', () => {
    expect(proposeClaims({ ...base, _claim_names: { groups: 'src1' } })).toMatchObject({
      groups: undefined,
      isOverage: true,
    });
  });
});

test('law 9: claims are shown on one line each, filtered and cut', () => {
  const rows = claimRows({ name: 'a\u001b[2Jb', groups: ['a'], n: undefined, long: 'x'.repeat(300) });
  expect(rows[0]).toEqual(['name', 'a\ufffd[2Jb']);
  expect(rows[1]).toEqual(['groups', '["a"]']);
  expect(rows[2]).toEqual(['n', 'null']);
  expect(rows[3]?.[1]).toHaveLength(100);
});
