// Sign-ins against a real oidc-provider (law 2, section 4), and against one that lies.
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { type Provider, openProvider, type SignedIn } from '../../src/adapters/oidc.ts';
import type { Refused } from '../../src/core/refusal.ts';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { killCgroup } from '../../scripts/sandbox/cgroup.ts';
import type { PersonAccount, Tamper } from '../../scripts/sandbox/provider-messages.ts';
import { startProvider, type Provider as SandboxProvider } from '../../scripts/sandbox/provider.ts';
import { type HostileProvider, device, openHostileProvider } from './oidc-hostile.ts';

const alice: PersonAccount = {
  username: 'alice',
  password: 'wonderland',
  sub: 'subject-of-alice',
  email: 'alice@example.com',
  fullName: 'Alice',
  groups: ['engineers'],
};
const never = new AbortController().signal;

const provider = (
  issuer: string,
  more: { clientSecret?: string; now?: () => number; insecureHttp?: boolean } = {},
): Provider =>
  openProvider({
    issuer,
    clientId: 'tmux-gate',
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    claims: { login: 'email', groups: 'groups' },
    ...{ insecureHttp: true, unstatedEmail: false },
    now: Date.now,
    ...more,
  });

/** The refusal of work that must be refused, having looked whether it holds a secret (law 11). */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as Refused,
  );
  expect(error?.name).toBe('Refused');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/ey[\w-]{10,}\.|-secret/);
  return error!.code;
}
const causeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'not refused',
    (error: unknown) => ((error as Refused).cause as Error).message,
  );

describe('a real provider', () => {
  const cgroup = `tmux-gate-oidc-test-${process.pid}`;
  let real: SandboxProvider;
  let ours: Provider;

  beforeAll(async () => {
    real = await startProvider([alice], cgroup);
    ours = provider(real.issuer);
  });
  afterEach(async () => {
    await real.tamper('none');
    await real.overrideClaims({});
    await real.rubbish(false);
    await real.enable('alice');
  });
  afterAll(async () => {
    await real[Symbol.asyncDispose]();
    await killCgroup(cgroup);
  });

  async function signIn(before: () => Promise<void> = () => Promise.resolve()): Promise<SignedIn> {
    const login = await ours.begin(never);
    await completeSignIn(login.uriComplete!, alice);
    await before();
    return login.complete(never);
  }

  test('a device login yields an identity and a refresh token', async () => {
    const began = Date.now();
    const login = await ours.begin(never);
    expect(login.uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/device$/);
    expect(login.code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(login.expiresAt).toBeLessThanOrEqual(Date.now() + 300_000);
    await completeSignIn(login.uriComplete!, alice);
    const { identity, refreshToken } = await login.complete(never);
    expect(identity).toMatchObject({
      issuer: real.issuer,
      subject: alice.sub,
      claim: alice.email,
      groups: alice.groups,
    });
    expect(identity.issuedAt).toBeGreaterThanOrEqual(began - 1000);
    expect(refreshToken).toBeDefined();
  });

  const tampers: Tamper[] = [
    'forged-signature',
    'alg-none',
    'hs256-public-key',
    'wrong-aud',
    'wrong-iss',
    'expired',
    'future-iat',
    'stale-iat',
    'other-client',
  ];
  test.each(tampers)('law 2: an ID token with %s is refused', async (mode) => {
    expect(await refusalOf(signIn(() => real.tamper(mode)))).toBe('TOKEN_REFUSED');
  });

  test.each([
    ['more audiences', { aud: ['tmux-gate', 'other'] }],
    ['another authorized party', { azp: 'other' }],
    ['an authorized party among more audiences', { aud: ['tmux-gate', 'other'], azp: 'other' }],
    ['no login claim', { email: 7 }],
    ['an unverified mail address', { email_verified: false }],
    ['a subject that is too long', { sub: 'x'.repeat(256) }],
    ['an iat five minutes ahead', { iat: Math.floor(Date.now() / 1000) + 300 }],
  ])('law 2: an ID token with %s is refused', async (_, claims) => {
    expect(await refusalOf(signIn(() => real.overrideClaims(claims)))).toBe('TOKEN_REFUSED');
  });

  test('an audience list that names this client as authorized party is good', async () => {
    const claims = { aud: ['tmux-gate', 'other'], azp: 'tmux-gate' };
    expect((await signIn(() => real.overrideClaims(claims))).identity.subject).toBe(alice.sub);
  });

  test('a denied sign-in, an expired code and rubbish each have their refusal', async () => {
    const denied = await ours.begin(never);
    await completeSignIn(denied.uriComplete!, alice, { deny: true });
    expect(await refusalOf(denied.complete(never))).toBe('SIGN_IN_DENIED');
    await real.deviceTtl(2);
    const late = await ours.begin(never);
    expect(await refusalOf(late.complete(never))).toBe('SIGN_IN_EXPIRED');
    await real.deviceTtl(300);
    expect(await refusalOf(signIn(() => real.rubbish(true)))).toBe('PROVIDER_DOWN');
  });

  test('an abort ends begin, complete and recheck at once, with its own reason', async () => {
    const reason = new Error('the person pressed q');
    await expect(ours.begin(AbortSignal.abort(reason))).rejects.toBe(reason);
    const login = await ours.begin(never);
    const stop = new AbortController();
    const waiting = login.complete(stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(ours.recheck('x', AbortSignal.abort(reason))).rejects.toBe(reason);
    await real.hang(true);
    const hanging = new AbortController();
    const beginning = ours.begin(hanging.signal);
    hanging.abort(reason);
    await expect(beginning).rejects.toBe(reason);
    await real.hang(false);
  });

  test('a recheck tells alive, gone and forged', async () => {
    const { refreshToken } = await signIn();
    const alive = await ours.recheck(refreshToken!, never);
    expect(alive).toMatchObject({ state: 'alive', identity: { subject: alice.sub } });
    const token = alive.state === 'alive' ? alive.refreshToken : '';
    await real.rubbish(true);
    expect(await ours.recheck(token, never)).toMatchObject({ state: 'unknown', isLost: true });
    await real.rubbish(false);
    await real.tamper('forged-signature');
    expect(await ours.recheck(token, never)).toMatchObject({ state: 'gone' });
    await real.tamper('none');
    await real.disable('alice');
    const gone = await ours.recheck(token, never);
    expect(gone.state).toBe('refused');
    expect(JSON.stringify(gone)).not.toContain(token);
  });

  test('a provider that is away: begin and ping are refused, a recheck does not know, and all recover', async () => {
    const fresh = provider(real.issuer);
    const { refreshToken } = await signIn();
    await real.stop();
    expect(await refusalOf(fresh.begin(never))).toBe('PROVIDER_DOWN');
    expect(await refusalOf(ours.begin(never))).toBe('PROVIDER_DOWN');
    expect(await refusalOf(ours.ping(never))).toBe('PROVIDER_DOWN');
    expect(await ours.recheck(refreshToken!, never)).toMatchObject({ state: 'unknown', isLost: false });
    await real.start();
    await fresh.ping(never);
    expect((await fresh.begin(never)).code).toBeDefined(); // a failed discovery is tried again
  });
});

describe('a provider that lies', () => {
  let hostile: HostileProvider;
  let ours: Provider;

  beforeEach(async () => {
    hostile = await openHostileProvider();
    ours = provider(hostile.issuer);
  });
  afterEach(async () => {
    await hostile[Symbol.asyncDispose]();
  });

  const signIn = async (with_: Provider = ours): Promise<SignedIn> => (await with_.begin(never)).complete(never);
  const pending = { status: 400, body: { error: 'authorization_pending' } };

  test('its keys are fetched once for many sign-ins', async () => {
    const [first, second] = ['1', '2'].map(async (jti) => hostile.tokens({ ...hostile.claims(), jti }));
    hostile.answer('/token', await first!, await second!);
    await signIn().then(async () => signIn());
    expect(hostile.seen.filter((path) => path === '/jwks').length).toBe(1);
    expect(hostile.seen.filter((path) => path.includes('well-known')).length).toBe(1);
  });

  test('a token that proved somebody once proves nobody again, however new it is', async () => {
    hostile.answer('/token', await hostile.tokens(hostile.claims()));
    expect(await signIn().then(async () => causeOf(signIn()))).toBe('ID token: it was used before');
  });

  test('polls without an answer do not end the wait (RFC 8628 section 3.5)', async () => {
    const good = await hostile.tokens(hostile.claims());
    hostile.answer('/token', pending, { body: undefined }, { status: 503, body: {} }, pending, good);
    expect((await signIn()).identity.subject).toBe('s1');
  });

  test('a code that expires while nothing answers says so', async () => {
    hostile.answer('/device', { body: { ...device(hostile.issuer), expires_in: 4 } });
    hostile.answer('/token', { status: 500, body: {} });
    expect(await refusalOf(signIn())).toBe('PROVIDER_DOWN');
    hostile.answer('/token', pending);
    expect(await refusalOf(signIn())).toBe('SIGN_IN_EXPIRED');
  });

  test('keys that cannot be fetched are the provider being down, not an expired code', async () => {
    hostile.answer('/token', await hostile.tokens(hostile.claims()), { status: 400, body: { error: 'invalid_grant' } });
    hostile.answer('/jwks', { body: undefined });
    expect(await refusalOf(signIn())).toBe('PROVIDER_DOWN');
  });

  test('HS256 with the client secret is refused, so are algorithms off the list and no token at all', async () => {
    const secret = 'client-secret-client-secret-client-secret';
    const confidential = provider(hostile.issuer, { clientSecret: secret });
    const hs256 = await new SignJWT(hostile.claims()).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
    const bearer = { access_token: 'access-secret', token_type: 'Bearer' };
    hostile.answer('/token', { body: { ...bearer, id_token: hs256 } });
    expect(await refusalOf(signIn(confidential))).toBe('TOKEN_REFUSED');
    hostile.answer('/token', { body: { ...bearer, id_token: new UnsecuredJWT(hostile.claims()).encode() } });
    expect(await refusalOf(signIn())).toBe('TOKEN_REFUSED');
    hostile.answer('/token', { body: bearer });
    expect(await causeOf(signIn())).toBe('ID token: there is no ID token');
    hostile.answer('/token', { body: { ...bearer, id_token: 'a.b.c.d.e' } });
    expect(await refusalOf(signIn())).toBe('TOKEN_REFUSED');
  });

  test('a token issued before the sign-in began is refused by the given clock', async () => {
    const claims = { ...hostile.claims(), iat: Math.floor(Date.now() / 1000) - 90 };
    hostile.answer('/token', await hostile.tokens(claims));
    expect(await causeOf(signIn())).toBe('ID token: issued before this sign-in began (iat)');
  });

  test.each([
    ['control characters', 'http://a.example/\u001b[2J'],
    ['right-to-left override', 'http://a.example/\u202e'],
    ['another scheme', 'javascript:alert(1)'],
    ['a file', 'file:///etc/passwd'],
    ['a password in it', 'https://id.example.com@evil.example/'],
    ['no address', 'type this in'],
    ['endless length', `https://a.example/${'x'.repeat(5000)}`],
  ])('law 9: a verification link with %s is not shown', async (_, uri) => {
    hostile.answer('/device', { body: { ...device(hostile.issuer), verification_uri: uri } });
    expect(await refusalOf(ours.begin(never))).toBe('PROVIDER_DOWN');
    hostile.answer('/device', { body: { ...device(hostile.issuer), verification_uri_complete: uri } });
    expect(await refusalOf(ours.begin(never))).toBe('PROVIDER_DOWN');
  });

  test('codes are filtered and live five minutes at most', async () => {
    hostile.answer('/device', { body: { ...device(hostile.issuer), user_code: 'AB\u001b[2J\n', expires_in: 1e9 } });
    const login = await ours.begin(never);
    expect(login.code).toBe('AB\ufffd[2J\ufffd');
    expect(login.expiresAt).toBeLessThanOrEqual(Date.now() + 300_000);
    expect(login.uriComplete).toBeUndefined();
  });

  test.each([
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['broken JSON', { body: '{"device_code":"device-code-secret"' }],
    ['an empty object', { body: {} }],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: {} }],
    ['an endless body', { body: `"${'x'.repeat(2_000_000)}"` }],
    ['an error with a terminal in it', { status: 400, body: { error: 'invalid_client\u001b[2J' } }],
  ])('%s instead of a code is the provider being down', async (_, answer) => {
    hostile.answer('/device', answer);
    expect(await refusalOf(ours.begin(never))).toBe('PROVIDER_DOWN');
    expect(await causeOf(ours.begin(never))).toMatch(/^[\P{C}]+$/u);
    expect(hostile.seen).not.toContain('/elsewhere');
  });

  test('another issuer in the metadata, or plain http without leave, is the provider being down', async () => {
    expect(await refusalOf(provider(hostile.issuer, { insecureHttp: false }).begin(never))).toBe('PROVIDER_DOWN');
    hostile.answer('/.well-known/openid-configuration', { body: { issuer: 'https://elsewhere.example' } });
    expect(await refusalOf(ours.begin(never))).toBe('PROVIDER_DOWN');
  });
});
