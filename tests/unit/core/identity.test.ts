import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  foreignClaim,
  identityOf,
  isGroupsOverage,
  isOwn,
  isSamePerson,
  loginsOf,
  mapsTo,
  vouchedOf,
} from '../../../src/core/identity.ts';

const names = { login: 'email', groups: 'groups' };
const claims = { iss: 'https://id.example.com', sub: 'u-1', email: 'alice@example.com', iat: 1000, groups: ['eng'] };

test('law 3: what is of the same login or the same subject is one’s own; of an unknown owner the login alone counts', () => {
  const of = (login: string) => ({ login, issuer: 'https://id.example.com', subject: `u-${login}` });
  const [alice, carol] = [of('alice'), of('carol')];
  expect(isOwn(alice, 'alice', carol)).toBe(true);
  expect(isOwn({ ...alice, login: 'twin' }, 'alice', alice)).toBe(true);
  expect(isOwn({ ...alice, login: 'twin', issuer: 'https://other' }, 'alice', alice)).toBe(false);
  expect(isOwn(carol, 'alice', alice)).toBe(false);
  expect(isOwn(carol, 'alice', undefined)).toBe(false);
});

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

  test.each([
    [
      ['eng', 'ops'],
      ['eng', 'ops'],
    ],
    ['eng', ['eng']],
    ['eng,ops', ['eng,ops']],
    ['', []],
    [{ eng: { org: 'example.com' }, ops: {} }, ['eng', 'ops']],
    [undefined, []],
    [null, []],
  ])('groups given as %j are %j', (groups, read) => {
    expect(identityOf({ ...claims, groups }, names)?.groups).toEqual(read);
    expect(identityOf({ ...claims, groups }, names)).not.toHaveProperty('unreadGroups');
  });

  test.each([[7], [true]])('groups given as %j name no group, and that is said', (groups) => {
    expect(identityOf({ ...claims, groups }, names)).toMatchObject({ groups: [], unreadGroups: typeof groups });
  });

  test.each([
    [{ groups: undefined, _claim_names: { groups: 'src1' } }, true],
    [{ groups: undefined, hasgroups: true }, true],
    [{ groups: undefined, hasgroups: 'true' }, true],
    [{ groups: undefined, hasgroups: 'false' }, false],
    [{ groups: undefined, _claim_names: { roles: 'src1' } }, false],
    [{ groups: undefined, _claim_names: null }, false],
    [{ groups: undefined }, false],
    [{ groups: ['eng'], _claim_names: { groups: 'src1' } }, false],
    [{ groups: undefined, _claim_names: { __proto__: { groups: 'src1' } } }, false],
  ])('%j: more groups than fit: %s', (change, overage) => {
    expect(isGroupsOverage({ ...claims, ...change }, 'groups')).toBe(overage);
  });

  test('somebody without app roles has no more of them than fit, whatever is said of their groups', () => {
    expect(isGroupsOverage({ ...claims, hasgroups: true }, 'roles')).toBe(false);
    expect(isGroupsOverage({ ...claims, _claim_names: { roles: 'src1' } }, 'roles')).toBe(true);
  });

  describe('whose groups have names in the policy', () => {
    const named = { ...names, groupNames: { engineers: 'g-1', also: 'g-1', oncall: 'g-2' } };
    test.each([
      [
        ['g-1', 'g-3'],
        ['engineers', 'also', 'g-3'],
      ],
      ['g-2', ['oncall']],
      [{ 'g-2': {} }, ['oncall']],
      [['oncall', 'g-3'], ['g-3']],
      [['constructor'], ['constructor']],
    ])('is in %j as %j: a value gives its names, and a name gives nothing', (groups, read) => {
      expect(identityOf({ ...claims, groups }, named)?.groups).toEqual(read);
      expect(vouchedOf({ ...claims, groups }, named)?.groups).toEqual(read);
    });
  });

  test('is told apart where it has no groups claim at all', () => {
    expect(identityOf({ ...claims, groups: undefined }, names)).toMatchObject({ groups: [], lacksGroups: true });
    expect(identityOf({ ...claims, groups: [] }, names)).not.toHaveProperty('lacksGroups');
  });

  test('has the groups of a list in place of those of the claim', () => {
    const listed = (claim: string) => (claim === 'alice@example.com' ? ['oncall'] : []);
    const read = identityOf({ ...claims, groups: undefined }, names, listed);
    expect(read).toMatchObject({ groups: ['oncall'] });
    expect(read).not.toHaveProperty('lacksGroups');
    expect(identityOf({ ...claims, groups: ['root'] }, names, listed)?.groups).toEqual(['oncall']);
  });

  test.each([
    [{ hd: 'example.com' }, false, undefined],
    [{ hd: 'example.org' }, false, 'hd'],
    [{ hd: ['example.com'] }, true, 'hd'],
    [{}, false, 'hd'],
    [{}, true, undefined],
  ])('with %j, which may lack a claim (%s), does not have what is required: %s', (said, mayLack, foreign) => {
    expect(foreignClaim({ ...claims, ...said }, { hd: 'example.com', sub: 'u-1' }, mayLack)).toBe(foreign);
    expect(foreignClaim({ ...claims, ...said }, {}, mayLack)).toBeUndefined();
  });

  test('that is refreshed says what it says, and leaves open what it does not', () => {
    const same = { issuer: claims.iss, subject: 'u-1' };
    expect(vouchedOf(claims, names)).toEqual({ ...same, claim: 'alice@example.com', groups: ['eng'] });
    expect(vouchedOf({ ...claims, groups: [] }, names)).toMatchObject({ groups: [] });
    expect(vouchedOf({ iss: claims.iss, sub: 'u-1' }, names)).toEqual({ ...same, claim: undefined, groups: undefined });
    expect(vouchedOf({ ...claims, groups: 7 }, names)).toMatchObject({ groups: undefined });
    expect(vouchedOf({ ...claims, sub: undefined }, names)).toBeUndefined();
    expect(vouchedOf({ ...claims, iss: undefined }, names)).toBeUndefined();
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
    ['alice@evil.com@example.com', undefined],
    ['@example.com', undefined],
    ['alice', undefined],
    ['alice@example.com.evil.com', undefined],
    ['alice@EXAMPLE.COM', 'alice'],
    ['alice@Example.Com', 'alice'],
    ['ALICE@example.com', 'ALICE'],
    ['alice@example.com\u212a', undefined],
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
    expect(mapsTo('alice@Example.COM', 'alice', { claim: 'email', map: { alice: 'alice@example.com' } })).toBe(true);
  });

  test('no claim maps to a login of another name by stripping', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (claim, login) => {
        const written = claim.slice(login.length).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        expect(mapsTo(claim, login, strip)).toBe(login !== '' && claim.startsWith(login) && written === '@example.com');
      }),
    );
  });
});
