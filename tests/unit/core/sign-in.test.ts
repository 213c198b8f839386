import { describe, expect, test } from '@jest/globals';
import { identityOf } from '../../../src/core/identity.ts';
import { personOf, serves, signInOf, signInShape } from '../../../src/core/sign-in.ts';

const claims = { iss: 'https://id.example.com', sub: 'u-1', email: 'alice@example.com', iat: 1000, groups: ['eng'] };
const names = { login: 'email', groups: 'groups' };
const place = { login: 'alice', host: 'prod-box', fingerprint: 'SHA256:x', at: 1_000_500, until: 2_000_000 };
const signIn = signInOf(identityOf(claims, names)!, place);

describe('law 2: a remembered sign-in', () => {
  test('holds the identity and where it was made, and reads back as it was signed', () => {
    expect(personOf(signIn)).toEqual({
      issuer: claims.iss,
      subject: 'u-1',
      login: 'alice',
      claim: 'alice@example.com',
    });
    expect(signInShape(JSON.parse(JSON.stringify(signIn)))).toEqual(signIn);
    const full = signInOf(identityOf({ ...claims, auth_time: 990, amr: ['otp'], acr: 'gold' }, names)!, place);
    expect(full).toMatchObject({ authenticatedAt: 990_000, amr: ['otp'], acr: 'gold' });
    expect(signInShape(JSON.parse(JSON.stringify(full)))).toEqual(full);
    const unread = signInOf(identityOf({ ...claims, groups: 7 }, names)!, place);
    expect(unread).toMatchObject({ groups: [], unreadGroups: 'number' });
    expect(signInShape(JSON.parse(JSON.stringify(unread)))).toEqual(unread);
  });

  test('serves the same login, host and key until its end', () => {
    expect(serves(signIn, place, 1_999_999)).toBe(true);
    expect(serves(signIn, place, 2_000_000)).toBe(false);
    expect(serves(signIn, { ...place, login: 'bob' }, 1_500_000)).toBe(false);
    expect(serves(signIn, { ...place, host: 'other' }, 1_500_000)).toBe(false);
    expect(serves(signIn, { ...place, fingerprint: 'SHA256:y' }, 1_500_000)).toBe(false);
  });

  test('serves nobody whose key is not known', () => {
    const keyless = { ...signIn, fingerprint: '' };
    expect(serves(keyless, { ...place, fingerprint: '' }, 1_500_000)).toBe(false);
  });
});
