// How a client's secret is shown to the provider: each form by openid-client itself, and both with clients that accept one form alone.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ResponseBodyError } from 'openid-client';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { killCgroup } from '../../scripts/sandbox/cgroup.ts';
import { secretClients } from '../../scripts/sandbox/provider-messages.ts';
import { startProvider, type Provider as SandboxProvider } from '../../scripts/sandbox/provider.ts';
import { openClientAuthentication } from '../../src/adapters/oidc-client-auth.ts';
import { openProvider } from '../../src/adapters/oidc.ts';
import type { ClientAuthenticationWay } from '../../src/core/policy-types.ts';
import type { Refused } from '../../src/core/refusal.ts';

type Shown = readonly [where: string, secret: string | undefined];

/** @returns the secret as it stands in the request, and where. */
function shownBy({ auth }: ReturnType<typeof openClientAuthentication>, methods: string[] | undefined): Shown {
  const [body, headers] = [new URLSearchParams(), new Headers()];
  const server = { issuer: 'https://id.example', ...(methods && { token_endpoint_auth_methods_supported: methods }) };
  auth!(server, { client_id: 'gate' }, body, headers);
  const basic = headers.get('authorization');
  if (basic === null) return ['post', body.get('client_secret') ?? undefined];
  return ['basic', Buffer.from(basic.slice('Basic '.length), 'base64').toString().split(':')[1]];
}

const both = ['client_secret_post', 'client_secret_basic'];
const refusal = (error: string) =>
  new ResponseBodyError('', { cause: { error }, response: new Response(null, { status: 401 }) });

test.each<[string, string[] | undefined, ClientAuthenticationWay | undefined, string, string]>([
  ['s3cret', undefined, undefined, 'basic', 's3cret'],
  ['s3cret', ['client_secret_basic'], undefined, 'basic', 's3cret'],
  ['s3cret', ['client_secret_post'], undefined, 'post', 's3cret'],
  ['s3cret', both, undefined, 'post', 's3cret'],
  ['s3cret', ['private_key_jwt'], undefined, 'basic', 's3cret'],
  ['a+b/c=', both, undefined, 'post', 'a+b/c='],
  ['a+b/c=', ['client_secret_basic'], undefined, 'basic', 'a%2Bb%2Fc%3D'],
  ['s3cret', ['client_secret_post'], 'basic', 'basic', 's3cret'],
  ['s3cret', ['client_secret_basic'], 'post', 'post', 's3cret'],
])('"%s" where %j is taken and the policy says %s: by %s, as %s', (secret, methods, forced, where, text) => {
  expect(shownBy(openClientAuthentication(secret, forced), methods)).toEqual([where, text]);
});

describe('a client that is refused', () => {
  test('by its body is shown by Basic from then on, where both are listed, and once', () => {
    const ours = openClientAuthentication('s3cret', undefined);
    expect(shownBy(ours, both)[0]).toBe('post');
    expect(ours.fallback.after(refusal('invalid_grant'), false)).toBe(false);
    expect(ours.fallback.after(refusal('invalid_client'), false)).toBe(true);
    expect(shownBy(ours, both)[0]).toBe('basic');
    // Somebody else's request was on its way by the body meanwhile; one by Basic that is refused is refused.
    expect(ours.fallback.after(refusal('invalid_client'), false)).toBe(true);
    expect(ours.fallback.after(refusal('invalid_client'), true)).toBe(false);
  });

  test.each([
    ['one form is listed', ['client_secret_post'], undefined],
    ['the policy forces one', both, 'post'],
  ] as const)('is refused where %s', (_, methods, forced) => {
    const ours = openClientAuthentication('s3cret', forced);
    shownBy(ours, [...methods]);
    expect(ours.fallback.after(refusal('invalid_client'), false)).toBe(false);
  });

  test('without a secret has none to show', () => {
    expect(openClientAuthentication(undefined, undefined).auth).toBeUndefined();
  });
});

describe('a provider that takes the secret of each client in one form alone', () => {
  const alice = {
    ...{ username: 'alice', password: 'wonderland', sub: 'subject-of-alice', email: 'alice@example.com' },
    ...{ fullName: 'Alice', groups: ['engineers'] },
  };
  const never = new AbortController().signal;
  const cgroup = `tmux-gate-oidc-auth-test-${process.pid}`;
  let real: SandboxProvider;
  beforeAll(async () => {
    real = await startProvider([alice], cgroup);
  });
  afterAll(async () => {
    await real[Symbol.asyncDispose]();
    await killCgroup(cgroup);
  });

  afterEach(async () => real.shape({}));

  const clientOf = ({ id, secret }: { id: string; secret: string }, forced?: ClientAuthenticationWay) =>
    openProvider({
      ...{ issuer: real.issuer, clientId: id, clientSecret: secret, scopes: ['openid', 'email'], now: Date.now },
      ...{ insecureHttp: true, unstatedEmail: false, claims: { login: 'email', groups: 'groups' } },
      ...(forced === undefined ? {} : { clientAuthentication: forced }),
    });

  test.each(['post', 'basic'] as const)('by %s: code, tokens and re-check', async (way) => {
    await real.shape({ secretsBy: way });
    const ours = clientOf(secretClients[way]);
    const login = await ours.begin(never);
    await completeSignIn(login.uriComplete!, alice);
    const { identity, refreshToken } = await login.complete(never);
    expect(identity.subject).toBe(alice.sub);
    expect(await ours.recheck(refreshToken!, never)).toMatchObject({ state: 'alive' });
    // A keeper that has just started asks about somebody before anybody signs in.
    const again = await ours.begin(never);
    await completeSignIn(again.uriComplete!, alice);
    const token = (await again.complete(never)).refreshToken!;
    expect(await clientOf(secretClients[way]).recheck(token, never)).toMatchObject({ state: 'alive' });
  });

  test('two who come at once are both asked again in the other form', async () => {
    await real.shape({ secretsBy: 'basic' });
    const ours = clientOf(secretClients.basic);
    const codes = await Promise.all([ours.begin(never), ours.begin(never)]);
    expect(new Set(codes.map(({ code }) => code)).size).toBe(2);
  });

  test.each([
    ['another secret', { ...secretClients.post, secret: 'wrong' }, undefined],
    ['the form that the policy forces', secretClients.post, 'basic'],
  ] as const)('%s is refused, and the log says why', async (_, client, forced) => {
    await real.shape({ secretsBy: 'post' });
    const refused = (await clientOf(client, forced)
      .begin(never)
      .catch((error: unknown) => error)) as Refused;
    expect([refused.code, (refused.cause as Error).message]).toEqual([
      'PROVIDER_DOWN',
      expect.stringContaining('"invalid_client"'),
    ]);
    expect((refused.cause as Error).message).not.toContain(client.secret);
  });
});
