// Each product of docs/providers.md as a whole sign-in: its `oidc:` block of that document, read by the real schema, at a real provider in
// that product's shape (tests/harness/provider-shapes.ts), with the re-check after it.
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { completeSignIn } from '../../scripts/sandbox/browser.ts';
import { killCgroup } from '../../scripts/sandbox/cgroup.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { absent, secretClients } from '../../scripts/sandbox/provider-messages.ts';
import type { Shape } from '../../scripts/sandbox/provider-shape.ts';
import { startProvider, type Provider as SandboxProvider } from '../../scripts/sandbox/provider.ts';
import { optionsFor } from '../../src/adapters/oidc-clients.ts';
import { openProvider, type DeviceLogin, type Provider, type SignedIn } from '../../src/adapters/oidc.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { OidcPolicy } from '../../src/core/policy-types.ts';
import type { Refused } from '../../src/core/refusal.ts';
import {
  authentik,
  dex,
  entra,
  google,
  guids,
  keycloak,
  oktaCustom,
  oktaOrg,
  overage,
  zitadel,
} from '../harness/provider-shapes.ts';
import { options, smallest } from '../unit/config/sample.ts';

const alice = {
  ...{ username: 'alice', password: 'wonderland', sub: 'subject-of-alice', email: 'alice@example.com' },
  ...{ fullName: 'Alice', groups: ['ignored'] },
};
const never = new AbortController().signal;
const cgroup = `tmux-gate-oidc-shapes-test-${process.pid}`;
const document = readFileSync(join(repo, 'docs/providers.md'), 'utf8');
let real: SandboxProvider;
let folder: string;

beforeAll(async () => {
  real = await startProvider([alice], cgroup);
  folder = await mkdtemp(join(await realpath(tmpdir()), 'tmux-gate-shapes-'));
  await chmod(folder, 0o755);
  await writeFile(`${folder}/secret`, `${secretClients.post.secret}\n`, { mode: 0o600 });
  await writeFile(`${folder}/groups.yaml`, fencesOf('A file of groups')[0] ?? '', { mode: 0o644 });
});
afterEach(async () => {
  await real.shape({});
  await real.overrideClaims({});
});
afterAll(async () => {
  await real[Symbol.asyncDispose]();
  await killCgroup(cgroup);
  await rm(folder, { recursive: true });
});

/** The YAML blocks below a heading of docs/providers.md. */
function fencesOf(heading: string): readonly string[] {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text]) => text ?? '');
}

type Block = Record<string, unknown> & { readonly claims: Record<string, unknown> };

/** The policy of a block, at the issuer of the sandbox, with a client and files that are there. */
function policyOf(heading: string, issuer: string, n = 0): OidcPolicy {
  const block = (parse(fencesOf(heading)[n] ?? '') as { oidc: Block }).oidc;
  const hasSecret = block['client_secret_file'] !== undefined;
  const hasFile = block.claims['groups_file'] !== undefined;
  const oidc = {
    ...block,
    ...{ issuer, insecure_http: true, client_id: hasSecret ? secretClients.post.id : 'tmux-gate' },
    ...(hasSecret ? { client_secret_file: `${folder}/secret` } : {}),
    claims: { ...block.claims, ...(hasFile ? { groups_file: `${folder}/groups.yaml` } : {}) },
  };
  return parseConfig(stringify({ ...(parse(smallest) as object), oidc }), options).oidc;
}

/** The adapter, by the block of a product, at the provider in its shape. */
async function ours(heading: string, shape: Shape, n = 0): Promise<Provider> {
  const policy = policyOf(heading, await real.shape(shape), n);
  return openProvider(await optionsFor(policy, policy, Date.now));
}

/** Signs alice in. The code is not typed before it was polled for once, so that the answer "pending" is seen. */
async function signIn(provider: Provider): Promise<SignedIn & { readonly login: DeviceLogin }> {
  const login = await provider.begin(never);
  const done = login.complete(never);
  done.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 1_300)); // the first poll is after one second (RFC 8628 section 3.2)
  await completeSignIn(login.uriComplete ?? `${login.uri}?user_code=${login.code}`, alice);
  return { ...(await done), login };
}

const refusalOf = async (work: Promise<unknown>): Promise<readonly [code: string, cause: string]> =>
  work.then(
    () => ['not refused', ''],
    (error: unknown) => [(error as Refused).code, ((error as Refused).cause as Error).message],
  );

async function recheck(provider: Provider, { refreshToken }: SignedIn) {
  const answer = await provider.recheck(refreshToken!, never);
  return answer.state === 'alive' ? answer.identity : answer;
}

test('Keycloak: groups by the mapper, a refresh token for offline_access, the same again at the re-check', async () => {
  const provider = await ours('Keycloak', keycloak);
  const signedIn = await signIn(provider);
  expect(signedIn.login.uri).toMatch(/\/realms\/main\/device$/);
  expect(signedIn.identity).toMatchObject({ claim: 'alice@example.com', groups: ['engineers'], acr: '1' });
  expect(signedIn.identity.issuer).toMatch(/\/realms\/main$/);
  expect(await recheck(provider, signedIn)).toMatchObject({ claim: 'alice@example.com', groups: ['engineers'] });
});

test('Okta, org server: groups in the ID token, no email_verified, so the login is another claim', async () => {
  const provider = await ours('Okta', oktaOrg);
  const signedIn = await signIn(provider);
  expect(signedIn.identity).toMatchObject({ claim: 'alice@example.com', groups: ['engineers'], amr: ['pwd'] });
  expect(await recheck(provider, signedIn)).toMatchObject({ groups: ['engineers'] });
});

test('Okta, custom server: one group as one text; nobody is told to ask again where the app gives no refresh token', async () => {
  const signedIn = await signIn(await ours('Okta', oktaCustom, 1));
  expect(signedIn.identity).toMatchObject({ groups: ['engineers'] });
  expect(signedIn.refreshToken).toBeDefined();
  expect((await signIn(await ours('Okta', { ...oktaCustom, noRefreshToken: true }, 1))).refreshToken).toBeUndefined();
});

test('Okta: a person in none of the groups of the filter has no claim, and no groups', async () => {
  await real.overrideClaims({ groups: absent });
  const { identity } = await signIn(await ours('Okta', oktaOrg));
  expect(identity).toMatchObject({ groups: [], lacksGroups: true });
});

test('Entra ID: GUIDs get their names, the code is typed, a denial is a denial', async () => {
  const provider = await ours('Entra ID', entra);
  const signedIn = await signIn(provider);
  expect(signedIn.login.uriComplete).toBeUndefined();
  expect(signedIn.identity.groups).toEqual(['engineers', 'ffffffff-aaaa-4444-8888-000000000000']);
  expect(await recheck(provider, signedIn)).toMatchObject({ groups: expect.arrayContaining(['engineers']) });
  const denied = await provider.begin(never);
  await completeSignIn(`${denied.uri}?user_code=${denied.code}`, alice, { deny: true });
  expect((await refusalOf(denied.complete(never)))[0]).toBe('SIGN_IN_DENIED');
});

test('Entra ID: a group that is called as one of the policy gives nothing', async () => {
  await real.overrideClaims({ groups: ['oncall', guids.engineers] });
  expect((await signIn(await ours('Entra ID', entra))).identity.groups).toEqual(['engineers']);
});

test.each([
  ['_claim_names', overage],
  ['hasgroups', { groups: absent, hasgroups: true }],
])('Entra ID: more groups than fit (%s) are refused, and at a re-check they are unknown', async (_, claims) => {
  const provider = await ours('Entra ID', { ...entra, claims: { ...entra.claims, ...claims } });
  expect((await refusalOf(signIn(provider)))[0]).toBe('GROUPS_OVERAGE');
  const later = await ours('Entra ID', { ...entra, refreshed: claims });
  const signedIn = await signIn(later);
  expect(await recheck(later, signedIn)).toMatchObject({ subject: alice.sub, groups: undefined });
});

test('Google: the older spellings, the secret in the body, and groups by a file of the host', async () => {
  const provider = await ours('Google', google);
  const signedIn = await signIn(provider);
  expect(signedIn.login.uri).toMatch(/\/device$/);
  expect(signedIn.login.uriComplete).toBeUndefined();
  expect(signedIn.identity).toMatchObject({ claim: 'alice@example.com', groups: ['engineers'] });
  expect(signedIn.identity).not.toHaveProperty('lacksGroups');
  expect(await recheck(provider, signedIn)).toMatchObject({ claim: 'alice@example.com', groups: undefined });
});

test.each([
  ['another domain', { hd: 'example.org' }],
  ['none, as a private account', { hd: absent }],
])('Google: an account of %s is refused', async (_, claims) => {
  await real.overrideClaims(claims);
  expect(await refusalOf(signIn(await ours('Google', google)))).toEqual([
    'FOREIGN_ACCOUNT',
    'ID token: the claim "hd" does not have the value that the policy requires',
  ]);
});

test('Google: an account that leaves the domain is gone at the next re-check; a claim that is left out is not', async () => {
  const provider = await ours('Google', google);
  const signedIn = await signIn(provider);
  await real.overrideClaims({ hd: absent });
  const answer = await provider.recheck(signedIn.refreshToken!, never);
  expect(answer.state).toBe('alive');
  await real.overrideClaims({ hd: 'example.org' });
  const next = answer.state === 'alive' ? answer.refreshToken : '';
  expect(await provider.recheck(next, never)).toMatchObject({ state: 'gone' });
});

test('authentik: an issuer that ends in a slash, and the username as the login', async () => {
  const provider = await ours('authentik', authentik);
  const signedIn = await signIn(provider);
  expect(signedIn.identity.issuer).toMatch(/\/application\/o\/tmux-gate\/$/);
  expect(signedIn.identity).toMatchObject({ claim: 'alice', groups: ['engineers'] });
  expect(await recheck(provider, signedIn)).toMatchObject({ claim: 'alice', groups: ['engineers'] });
});

test('authentik without a device code flow in its brand: refused before anybody sees a code', async () => {
  const provider = await ours('authentik', { ...authentik, noCodePage: true });
  const [code, cause] = await refusalOf(provider.begin(never));
  expect(code).toBe('NO_DEVICE_FLOW');
  expect(cause).toMatch(/^there is no page to type the code on: HTTP status 404 at http:\/\/127\.0\.0\.1:\d+\/device$/);
  await real.shape(authentik);
  expect((await provider.begin(never)).code).toBeDefined(); // it is looked at again
});

test('Dex: the secret in the body, pending as 401, and groups that are unknown after a refresh, not gone', async () => {
  const provider = await ours('Dex', dex);
  const signedIn = await signIn(provider);
  expect(signedIn.identity).toMatchObject({ claim: 'alice@example.com', groups: ['engineers'] });
  expect(await recheck(provider, signedIn)).toMatchObject({ claim: 'alice@example.com', groups: undefined });
});

test('Zitadel: the keys of the roles object are the groups, and there is no refresh token', async () => {
  const signedIn = await signIn(await ours('Zitadel', zitadel));
  expect(signedIn.identity).toMatchObject({ claim: 'alice@example.com', groups: ['engineers'] });
  expect(signedIn.refreshToken).toBeUndefined();
});

test('a provider that refuses offline_access is asked again without it, and one that does not list it never', async () => {
  const refusing = await ours('Keycloak', { ...keycloak, refusedScope: 'offline_access' });
  expect((await signIn(refusing)).identity.subject).toBe(alice.sub);
  expect((await refusing.begin(never)).code).toBeDefined();
  const unlisted = { ...keycloak.discovery, scopes_supported: ['openid', 'email'] };
  const never_ = await ours('Keycloak', { ...keycloak, discovery: unlisted, refusedScope: 'offline_access' });
  expect((await never_.begin(never)).code).toBeDefined();
  // Where the policy names the scopes, they are asked for as they are.
  const named = await ours('Okta', { ...oktaOrg, refusedScope: 'offline_access' });
  expect((await refusalOf(named.begin(never)))[0]).toBe('PROVIDER_DOWN');
});

test('a provider that refuses offline_access in the browser is not asked for it by the next link', async () => {
  const provider = await ours('Keycloak', keycloak);
  const asked = { redirectUri: 'http://127.0.0.1:8400/', parameters: {} };
  const first = await provider.beginByLink(asked, never);
  const scopeOf = ({ link }: { link: string }) => new URL(link).searchParams.get('scope');
  expect(scopeOf(first)).toBe('openid email profile offline_access');
  const iss = `${real.issuer}${keycloak.path ?? ''}`;
  const denied = new URLSearchParams({ state: first.state, iss, error: 'access_denied' });
  expect((await refusalOf(first.complete(denied, never)))[0]).toBe('SIGN_IN_DENIED');
  const second = await provider.beginByLink(asked, never);
  expect(scopeOf(second)).toContain('offline_access');
  const answer = new URLSearchParams({ state: second.state, iss, error: 'invalid_scope' });
  expect((await refusalOf(second.complete(answer, never)))[0]).toBe('NO_CODE_FLOW');
  expect(scopeOf(await provider.beginByLink(asked, never))).toBe('openid email profile');
});

test('every YAML block of the document is in one of these tests, or is the list of groups', () => {
  const headings = ['Keycloak', 'Okta', 'Entra ID', 'Google', 'authentik', 'Dex', 'Zitadel'];
  const all = [...document.matchAll(/^```yaml$/gm)].length;
  expect(headings.flatMap(fencesOf).length + fencesOf('A file of groups').length).toBe(all);
  for (const heading of headings)
    for (const n of fencesOf(heading).keys()) expect(policyOf(heading, 'https://id.example.com', n)).toBeDefined();
});
