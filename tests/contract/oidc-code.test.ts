// Sign-ins by the authorization code flow (src/adapters/oidc-code.ts) against a real oidc-provider, and against one that lies.
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openProvider, type CodeLogin, type Provider } from '../../src/adapters/oidc.ts';
import type { Refused } from '../../src/core/refusal.ts';
import { addressAfterSignIn, newBrowser, type Browser } from '../../scripts/sandbox/browser.ts';
import { killCgroup } from '../../scripts/sandbox/cgroup.ts';
import type { PersonAccount } from '../../scripts/sandbox/provider-messages.ts';
import { startProvider, type Provider as SandboxProvider } from '../../scripts/sandbox/provider.ts';
import { openHostileProvider, type HostileProvider } from './oidc-hostile.ts';

const alice: PersonAccount = {
  ...{ username: 'alice', password: 'wonderland', sub: 'subject-of-alice', email: 'alice@example.com' },
  ...{ fullName: 'Alice', groups: ['engineers'] },
};
const never = new AbortController().signal;
const redirectUri = 'http://127.0.0.1:8400/';

const provider = (issuer: string, now: () => number = Date.now): Provider =>
  openProvider({
    ...{ issuer, clientId: 'tmux-gate', scopes: ['openid', 'email', 'profile'], insecureHttp: true },
    ...{ claims: { login: 'email', groups: 'groups' }, unstatedEmail: false, now },
  });

/** The code of a refusal, having looked whether it holds a secret (law 11). */
async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as Refused,
  );
  if (error === undefined) return 'not refused';
  expect(error.name).toBe('Refused');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/ey[\w-]{10,}\.|-secret|verifier=/);
  return error.code;
}

const begin = async (from: Provider, freshSince?: number, parameters = {}): Promise<CodeLogin> =>
  from.beginByLink({ redirectUri, parameters, ...(freshSince === undefined ? {} : { freshSince }) }, never);
const parametersOf = (address: string): URLSearchParams => new URL(address).searchParams;

describe('a real provider', () => {
  const cgroup = `tmux-gate-oidc-code-test-${process.pid}`;
  let real: SandboxProvider;
  let ours: Provider;
  let at: number | undefined;

  beforeAll(async () => {
    real = await startProvider([alice], cgroup);
    ours = provider(real.issuer, () => at ?? Date.now());
  });
  afterEach(async () => {
    at = undefined;
    await real.tamper('none');
    await real.rubbish(false);
  });
  afterAll(async () => {
    await real[Symbol.asyncDispose]();
    await killCgroup(cgroup);
  });

  const answerTo = async ({ link }: CodeLogin, browser?: Browser): Promise<URLSearchParams> =>
    parametersOf(await addressAfterSignIn(link, alice, {}, browser));

  test('gives an identity, and a refresh token that serves the re-check', async () => {
    const login = await begin(ours);
    const { identity, refreshToken = '' } = await login.complete(await answerTo(login), never);
    expect(identity).toMatchObject({ claim: 'alice@example.com', subject: alice.sub, groups: ['engineers'] });
    expect(await ours.recheck(refreshToken, never)).toMatchObject({ state: 'alive' });
  });

  test('a link asks for PKCE, state and nonce, each of its own', async () => {
    const [one, other] = await Promise.all([begin(ours), begin(ours, undefined, { prompt: 'consent' })]);
    const [asked, more] = [one, other].map(({ link }) => Object.fromEntries(new URL(link).searchParams));
    expect(asked).toMatchObject({
      ...{ response_type: 'code', client_id: 'tmux-gate', redirect_uri: redirectUri, state: one.state },
      ...{ code_challenge_method: 'S256', code_challenge: expect.stringMatching(/^[\w-]{43}$/) },
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(Object.keys(asked!)).not.toContain('max_age');
    expect(more).toMatchObject({ prompt: 'consent' });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked![name]).not.toBe(more![name]);
  });

  test('state: an address of another sign-in is refused, and its own one still serves', async () => {
    const [login, other] = [await begin(ours), await begin(ours)];
    expect(await codeOf(login.complete(await answerTo(other), never))).toBe('ADDRESS_UNKNOWN');
    expect(await codeOf(login.complete(await answerTo(login), never))).toBe('not refused');
  });

  test('PKCE: a code of another sign-in is worth nothing under this state', async () => {
    const [login, victim] = [await begin(ours), await begin(ours)];
    const stolen = await answerTo(victim);
    stolen.set('state', login.state);
    expect(await codeOf(login.complete(stolen, never))).toBe('CODE_REFUSED');
  });

  test('single use: the same address again is refused', async () => {
    const login = await begin(ours);
    const answer = await answerTo(login);
    await login.complete(answer, never);
    expect(await codeOf(login.complete(answer, never))).toBe('ADDRESS_USED');
  });

  test('age: an address that comes after five minutes is refused', async () => {
    const login = await begin(ours);
    const answer = await answerTo(login);
    at = Date.now() + 300_000;
    expect(await codeOf(login.complete(answer, never))).toBe('SIGN_IN_EXPIRED');
  });

  test('iss: the answer of another provider is refused, and so is one that lacks it', async () => {
    const login = await begin(ours);
    const answer = await answerTo(login);
    const [other, none] = [new URLSearchParams(answer), new URLSearchParams(answer)];
    other.set('iss', 'https://id.example.com');
    none.delete('iss');
    expect(await codeOf(login.complete(other, never))).toBe('PROVIDER_MIXED_UP');
    expect(await codeOf(login.complete(none, never))).toBe('PROVIDER_MIXED_UP');
    expect(await codeOf(login.complete(answer, never))).toBe('not refused');
  });

  test('who cancels at the provider has denied it', async () => {
    const login = await begin(ours);
    const address = await addressAfterSignIn(login.link, alice, { deny: true });
    expect(await codeOf(login.complete(parametersOf(address), never))).toBe('SIGN_IN_DENIED');
  });

  test.each([
    'forged-signature',
    'alg-none',
    'hs256-public-key',
    'unknown-kid',
    'wrong-aud',
    'wrong-iss',
    'replay',
  ] as const)('law 2: an ID token that is %s is refused', async (mode) => {
    const login = await begin(ours);
    const answer = await answerTo(login);
    await real.tamper(mode);
    expect(await codeOf(login.complete(answer, never))).toBe('TOKEN_REFUSED');
  });

  test('a token endpoint that answers HTML is a provider that is down', async () => {
    const login = await begin(ours);
    const answer = await answerTo(login);
    await real.rubbish(true);
    expect(await codeOf(login.complete(answer, never))).toBe('PROVIDER_DOWN');
  });

  describe('fresh auth_time', () => {
    /** A browser with a live session at the provider, of before. */
    async function livingBrowser(): Promise<Browser> {
      const browser = newBrowser();
      await answerTo(await begin(ours), browser);
      return browser;
    }
    /** What a person, or whoever sits at their browser, makes of a link. */
    const edited = (link: string, change: (asked: URLSearchParams) => void): string => {
      const url = new URL(link);
      change(url.searchParams);
      return url.href;
    };
    const quietly = async (login: CodeLogin, change: (asked: URLSearchParams) => void, browser: Browser) =>
      parametersOf(
        await addressAfterSignIn(edited(login.link, change), { ...alice, password: 'unknown' }, {}, browser),
      );

    test('a live session serves a visit, and does not serve an act', async () => {
      const browser = await livingBrowser();
      const visit = await begin(ours);
      expect(await codeOf(visit.complete(await quietly(visit, () => undefined, browser), never))).toBe('not refused');
      const act = await begin(ours, Date.now());
      await expect(quietly(act, () => undefined, browser)).rejects.toThrow('password is wrong');
    });

    test('who signs in anew proves it by auth_time', async () => {
      const browser = await livingBrowser();
      const since = Date.now();
      const act = await begin(ours, since);
      const { identity } = await act.complete(await answerTo(act, browser), never);
      expect(identity.authenticatedAt).toBeGreaterThanOrEqual(Math.floor(since / 1000) * 1000);
    });

    test('one of before the act is refused, and so is one that is left out', async () => {
      const browser = await livingBrowser();
      const later = Date.now() + 2000;
      at = later;
      const [old, silent] = [await begin(ours, later), await begin(ours, later)];
      const lenient = (asked: URLSearchParams): void => {
        asked.delete('prompt');
        asked.set('max_age', '3600');
      };
      expect(await codeOf(old.complete(await quietly(old, lenient, browser), never))).toBe('SIGN_IN_STALE');
      const mute = (asked: URLSearchParams): void => ['prompt', 'max_age'].forEach((name) => asked.delete(name));
      expect(await codeOf(silent.complete(await quietly(silent, mute, browser), never))).toBe('SIGN_IN_STALE');
    });
  });
});

describe('a provider that lies', () => {
  let hostile: HostileProvider;
  let ours: Provider;

  beforeEach(async () => {
    hostile = await openHostileProvider();
    ours = provider(hostile.issuer);
    describes({});
  });
  afterEach(async () => hostile[Symbol.asyncDispose]());

  /** What its discovery document says beside the usual. */
  function describes(more: Readonly<Record<string, unknown>>): void {
    const { issuer } = hostile;
    const body = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, ...more };
    const keys = { jwks_uri: `${issuer}/jwks`, id_token_signing_alg_values_supported: ['ES256'] };
    hostile.answer('/.well-known/openid-configuration', { body: { ...keys, ...body } });
  }
  const answerTo = ({ state }: CodeLogin, more: Record<string, string> = { code: 'code-secret' }) =>
    new URLSearchParams({ state, ...more });
  const nonceOf = ({ link }: CodeLogin): string => new URL(link).searchParams.get('nonce') ?? '';
  const asked = async (parameters = {}): Promise<Record<string, string>> =>
    Object.fromEntries(new URL((await begin(ours, Date.now(), parameters)).link).searchParams);

  test('nonce: a token without ours is refused', async () => {
    const login = await begin(ours);
    for (const nonce of [undefined, 'another', nonceOf(await begin(ours))]) {
      const one = await begin(ours);
      hostile.answer(
        '/token',
        await hostile.tokens({ ...hostile.claims(), ...(nonce === undefined ? {} : { nonce }) }),
      );
      expect(await codeOf(one.complete(answerTo(one), never))).toBe('TOKEN_REFUSED');
    }
    hostile.answer('/token', await hostile.tokens({ ...hostile.claims(), nonce: nonceOf(login) }));
    expect(await codeOf(login.complete(answerTo(login), never))).toBe('not refused');
  });

  test('fresh auth_time may only be left out where the provider does not name it', async () => {
    const since = Date.now();
    const login = await begin(ours, since);
    hostile.answer('/token', await hostile.tokens({ ...hostile.claims(), nonce: nonceOf(login) }));
    expect(await codeOf(login.complete(answerTo(login), never))).toBe('not refused');
    describes({ claims_supported: ['sub', 'auth_time'] });
    const other = await begin(provider(hostile.issuer), since);
    hostile.answer('/token', await hostile.tokens({ ...hostile.claims(), nonce: nonceOf(other) }));
    expect(await codeOf(other.complete(answerTo(other), never))).toBe('SIGN_IN_STALE');
  });

  test('a fresh sign-in is asked for as the provider understands it', async () => {
    expect(await asked()).toMatchObject({ max_age: '0', prompt: 'login' });
    expect(await asked({ prompt: 'consent', max_age: '60' })).toMatchObject({ max_age: '60', prompt: 'consent login' });
    describes({ prompt_values_supported: ['none', 'consent'] });
    ours = provider(hostile.issuer);
    expect(Object.keys(await asked())).not.toContain('prompt');
  });

  test.each([
    ['no authorization endpoint', { authorization_endpoint: undefined }, 'NO_CODE_FLOW'],
    ['no S256', { code_challenge_methods_supported: ['plain'] }, 'NO_CODE_FLOW'],
    ['a link that is no web address', { authorization_endpoint: 'javascript:alert(1)' }, 'PROVIDER_DOWN'],
    ['an endless link', { authorization_endpoint: `https://a.example.com/${'x'.repeat(3000)}` }, 'PROVIDER_DOWN'],
  ])('with %s it is refused at once', async (_, document, code) => {
    describes(document);
    expect(await codeOf(begin(ours))).toBe(code);
  });

  test.each([
    ['access_denied', 'SIGN_IN_DENIED'],
    ['login_required', 'SIGN_IN_DENIED'],
    ['unauthorized_client', 'NO_CODE_FLOW'],
    ['invalid_scope', 'NO_CODE_FLOW'],
    ['server_error', 'PROVIDER_DOWN'],
  ])('an address that says %s', async (error, code) => {
    const login = await begin(ours);
    expect(await codeOf(login.complete(answerTo(login, { error }), never))).toBe(code);
    expect(hostile.seen).not.toContain('/token');
  });

  test.each([
    [400, 'invalid_grant', 'CODE_REFUSED'],
    [400, 'unauthorized_client', 'NO_CODE_FLOW'],
    [400, 'something_else', 'PROVIDER_DOWN'],
    [503, 'invalid_grant', 'PROVIDER_DOWN'],
  ])('a token endpoint that answers %i %s', async (status, error, code) => {
    const login = await begin(ours);
    hostile.answer('/token', { status, body: { error } });
    expect(await codeOf(login.complete(answerTo(login), never))).toBe(code);
  });

  test('who leaves ends it', async () => {
    const login = await begin(ours);
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(login.complete(answerTo(login), gone)).rejects.toThrow('gone');
  });
});
