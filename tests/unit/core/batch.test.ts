// What belongs to a batch, and whose proof counts (src/core/batch.ts).
import { describe, expect, test } from '@jest/globals';
import { batchAnswerShape, batchProof, batchShape, isOfBatch, lessProof, type Batch } from '../../../src/core/batch.ts';
import type { OidcPolicy } from '../../../src/core/policy-types.ts';
import type { RequestFacts } from '../../../src/core/request.ts';
import type { SignIn } from '../../../src/core/sign-in.ts';
import { loginRule, person, request } from './sample.ts';

const batch: Batch = {
  ...{ id: 'B00000', host: 'bastion', session: 'prod-db', hosts: ['prod-box', 'web-01'], who: person('alice') },
  ...{ groups: ['engineers'], address: '10.0.0.7', fingerprint: 'SHA256:x', reason: 'INC-1 look' },
  ...{ durationMs: 1_800_000, requestedAt: 1_000_000, answerBy: 2_800_000 },
  proof: { at: 900_000, until: 9_000_000, issuedAt: 890_000, loginClaim: 'email', groupsClaim: 'groups' },
};
const member: RequestFacts = { ...request, batch: { id: 'B00000', host: 'bastion' } };
const oidc: OidcPolicy = {
  ...{ issuer: 'https://id.example.com', clientId: 'gate', scopes: ['openid'], insecureHttp: false },
  ...{ claims: { login: loginRule, groups: 'groups' }, redirectUri: 'http://127.0.0.1:8400/' },
};

describe('rule 2: a request is of a batch', () => {
  test('if host, person, session, reason and time are those of the batch', () => {
    expect(isOfBatch(member, batch)).toBe(true);
    expect(isOfBatch({ ...member, who: { ...member.who, login: 'alice2' } }, batch)).toBe(true);
  });

  test.each<[string, Partial<RequestFacts>]>([
    ['another batch', { batch: { id: 'B11111', host: 'bastion' } }],
    ['another asking host', { batch: { id: 'B00000', host: 'web-01' } }],
    ['a host that was not named', { host: 'web-02' }],
    ['another person', { who: { ...person('alice'), subject: 'mallory' } }],
    ['another name', { who: { ...person('alice'), claim: 'bob@example.com' } }],
    ['another address', { address: '10.0.0.8' }],
    ['another key', { fingerprint: 'SHA256:y' }],
    ['another time of asking', { requestedAt: 1_000_001 }],
    ['a longer wait', { answerBy: 2_800_001 }],
    ['another session', { session: 'root' }],
    ['another reason', { reason: 'INC-2 else' }],
    ['another time', { durationMs: 3_600_000 }],
    ['viewing', { mode: 'view' }],
  ])('never with %s', (_, change) => {
    expect(isOfBatch({ ...member, ...change }, batch)).toBe(false);
  });

  test('never when it says nothing of a batch', () => {
    expect(isOfBatch(request, batch)).toBe(false);
  });

  test('whatever the time is, where none was asked for', () => {
    const { durationMs, ...open } = batch;
    expect(isOfBatch({ ...member, durationMs: (durationMs ?? 0) + 1 }, open)).toBe(true);
  });
});

describe('rule 3: proof at another host counts', () => {
  const at = (more: Partial<Batch['proof']>): Batch => ({ ...batch, proof: { ...batch.proof, ...more } });
  const wants = (require: Readonly<Record<string, string>>): OidcPolicy => ({
    ...oidc,
    claims: { ...oidc.claims, require },
  });

  test('where both ask the same provider for the same', () => {
    expect(lessProof(batch, oidc)).toBeUndefined();
    expect(lessProof(batch, { ...oidc, issuer: 'https://id.example.com/' })).toBeUndefined();
    expect(lessProof(at({ require: ['hd=example.com', 'acr=mfa'] }), wants({ acr: 'mfa' }))).toBeUndefined();
  });

  test('never of another provider', () => {
    expect(lessProof(batch, { ...oidc, issuer: 'https://other.example.com' })).toBe('issuer');
  });

  test('never where another claim names the login, or the groups, which its person may set freely', () => {
    expect(lessProof(at({ loginClaim: 'preferred_username' }), oidc)).toBe('claims.login');
    expect(lessProof(at({ groupsClaim: 'teams' }), oidc)).toBe('claims.groups');
  });

  test('never where this host wants a claim that the other did not', () => {
    expect(lessProof(batch, wants({ acr: 'mfa' }))).toBe('acr=mfa');
    expect(lessProof(at({ require: ['acr=pwd'] }), wants({ acr: 'mfa' }))).toBe('acr=mfa');
  });

  test('never with an unverified mail address, unless this host takes those as well', () => {
    expect(lessProof(at({ unstatedEmail: true }), oidc)).toBe('email_verified');
    expect(lessProof(at({ unstatedEmail: true }), { ...oidc, insecureUnstatedEmail: true })).toBeUndefined();
  });

  test('and says what its host wanted', () => {
    const signIn: SignIn = {
      ...{ ...person('alice'), host: 'bastion', fingerprint: 'SHA256:x', groups: [], issuedAt: 1, at: 2, until: 3 },
      ...{ authenticatedAt: 0, amr: ['mfa'], acr: 'high' },
    };
    expect(batchProof(signIn, { ...wants({ acr: 'high' }), insecureUnstatedEmail: true })).toEqual({
      ...{ at: 2, until: 3, issuedAt: 1, authenticatedAt: 0, amr: ['mfa'], acr: 'high' },
      ...{ loginClaim: 'email', groupsClaim: 'groups', require: ['acr=high'], unstatedEmail: true },
    });
    const plain = { ...person('alice'), host: 'bastion', fingerprint: 'SHA256:x', groups: [] };
    expect(batchProof({ ...plain, issuedAt: 1, at: 2, until: 3 }, oidc)).toEqual({
      ...{ issuedAt: 1, at: 2, until: 3, loginClaim: 'email', groupsClaim: 'groups' },
    });
  });
});

test('shapes take what the code makes, and nothing else', () => {
  expect(batchShape(JSON.parse(JSON.stringify(batch)))).toEqual(batch);
  expect(batchShape({ ...batch, hosts: ['a b'] })).toBeUndefined();
  expect(batchShape({ ...batch, grant: 'G0' })).toBeUndefined();
  expect(batchAnswerShape({ batch: 'B0', host: 'web-01', code: 'NOT_ALLOWED', says: 'no' })).toBeDefined();
  expect(batchAnswerShape({ batch: 'B0', host: 'web-01', code: 'not a code' })).toBeUndefined();
});
