import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { identityOf, isSamePerson, loginsOf, mapsTo } from '../../../src/core/identity.ts';

const names = { login: 'email', groups: 'groups' };
const claims = { iss: 'https://id.example.com', sub: 'u-1', email: 'alice@example.com', iat: 1000, groups: ['eng'] };

describe('law 2: an identity', () => {
  test('is what the verified claims say', () => {
    expect(identityOf({ ...claims, auth_time: 990, amr: ['otp'], acr: 'gold' }, names)).toEqual({
      issuer: 'https://id.example.com',
      subject: 'u-1',
      claim: 'alice@example.com',
      groups: ['eng'],
      issuedAt: 1_000_000,
      authenticatedAt: 990_000,
      amr: ['otp'],
      acr: 'gold',
    });
  });

  test.each([
    ['no issuer', { iss: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['too long a subject', { sub: 'x'.repeat(256) }],
    ['no claim for the login', { email: undefined }],
    ['a claim that is no text', { email: ['alice@example.com'] }],
    ['no time of issue', { iat: undefined }],
    ['a time of issue that is no number', { iat: Infinity }],
  ])('is none with %s', (_, change) => {
    expect(identityOf({ ...claims, ...change }, names)).toBeUndefined();
  });

  test.each([['eng'], [{ eng: true }], [undefined], [7]])('groups given as %j name no group', (groups) => {
    expect(identityOf({ ...claims, groups }, names)?.groups).toEqual([]);
  });

  test('groups that are no texts are left out, and there are at most 500', () => {
    const groups = ['a', 7, '', null, 'x'.repeat(256), ...Array.from({ length: 600 }, (_, n) => `g${n}`)];
    const read = identityOf({ ...claims, groups }, names)?.groups;
    expect(read).toHaveLength(500);
    expect(read?.slice(0, 2)).toEqual(['a', 'g0']);
  });

  test('a wrong auth_time or acr is not believed', () => {
    const read = identityOf({ ...claims, auth_time: 'now', acr: 7 }, names);
    expect(read).not.toHaveProperty('authenticatedAt');
    expect(read).not.toHaveProperty('acr');
  });

  test('is the same person only by issuer and subject together', () => {
    const person = { issuer: 'a', subject: 'b' };
    expect(isSamePerson(person, { ...person })).toBe(true);
    expect(isSamePerson(person, { ...person, issuer: 'x' })).toBe(false);
    expect(isSamePerson(person, { ...person, subject: 'x' })).toBe(false);
  });
});

describe('law 2: the login that an identity may act as', () => {
  const strip = { claim: 'email', stripDomain: 'example.com' };
  const map = { claim: 'sub', map: { alice: 'u-1', ops: 'u-1', bob: 'u-2' } };

  test.each([
    ['alice@example.com', 'alice'],
    ['alice@evil.com', undefined],
    ['alice@sub.example.com', undefined],
    ['alice@evil.com@example.com', 'alice@evil.com'],
    ['@example.com', undefined],
    ['alice', undefined],
    ['alice@example.com.evil.com', undefined],
    ['alice@EXAMPLE.COM', undefined],
  ])('%s without its domain is %j', (claim, login) => {
    expect(loginsOf(claim, strip)).toEqual(login === undefined ? [] : [login]);
    if (login !== undefined) expect(mapsTo(claim, login, strip)).toBe(true);
  });

  test('is the claim itself where no domain is stripped', () => {
    expect(loginsOf('alice', { claim: 'sub' })).toEqual(['alice']);
    expect(mapsTo('alice', 'bob', { claim: 'sub' })).toBe(false);
  });

  test('comes from the table where there is one: each login that names the claim, and no other', () => {
    expect(loginsOf('u-2', map)).toEqual(['bob']);
    expect(loginsOf('u-1', map)).toEqual(['alice', 'ops']);
    expect(loginsOf('u-3', map)).toEqual([]);
    expect(mapsTo('u-1', 'alice', map)).toBe(true);
    expect(mapsTo('u-1', 'ops', map)).toBe(true);
    expect(mapsTo('u-1', 'bob', map)).toBe(false);
    expect(mapsTo('u-1', 'toString', map)).toBe(false);
  });

  test('no claim maps to a login of another name by stripping', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (claim, login) => {
        expect(mapsTo(claim, login, strip)).toBe(login !== '' && claim === `${login}@example.com`);
      }),
    );
  });
});
