// Checks the identity provider: whether it offers what a visit needs, and whether it is the one that the policy means (law 2).
import { openProvider } from '../adapters/oidc.ts';
import { optionsFor } from '../adapters/oidc-clients.ts';
import type { OidcPolicy } from '../core/policy-types.ts';
import { noDeviceAdvice } from '../core/provider-advice.ts';
import { issuerFault, providerFault } from '../core/provider-fault.ts';
import { Refused } from '../core/refusal.ts';
import { fail, ok, unknown, warn, type Check, type Finding } from './check.ts';
import { NotInspectable } from './not-inspectable.ts';
import { groups, refresh } from './provider-groups.ts';
import { notUsed, pkceFinding } from './provider-pkce.ts';
import { readJson, urlIn, wordsIn, type Metadata } from './provider-facts.ts';
import type { Scene } from './scene.ts';

type Document = Metadata['document'];

/** RFC 8628 section 4. */
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** The algorithms that src/adapters/oidc-token.ts accepts. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

async function documentOf(scene: Scene): Promise<Document> {
  const { down, document } = await scene.metadata();
  if (down !== undefined) throw new NotInspectable('the provider does not answer', 'see the check provider-discovery');
  return document;
}

/** Compares the issuer of the document with the policy's, character by character. */
export function issuerFinding(document: Document, issuer: string): Finding {
  if (document['issuer'] === issuer) return ok(issuer);
  const { say, hint } = issuerFault(document['issuer']);
  return fail(say, hint);
}

const discovery: Check = {
  id: 'provider-discovery',
  about: 'the discovery document is there and names exactly the issuer of the policy',
  look: async (scene) => {
    const { issuer } = (await scene.config()).oidc;
    const { down, document } = await scene.metadata();
    return [down === undefined ? issuerFinding(document, issuer) : fail(down.say, down.hint)];
  },
};

const offlineAccess = 'offline_access';

/** Whether the document offers device logins and refresh tokens, and the policy asks for them. */
export function deviceFinding(
  document: Document,
  { issuer, scopes, offlineAccess: isAsked = false }: Pick<OidcPolicy, 'issuer' | 'scopes' | 'offlineAccess'>,
): Finding {
  const remedy = `${noDeviceAdvice(issuer, '').hint}; or use the other flow: sign_in.flow: code`;
  if (urlIn(document, 'device_authorization_endpoint') === undefined)
    return fail('the provider has no device_authorization_endpoint, so nobody can sign in', remedy);
  const grants = wordsIn(document, 'grant_types_supported');
  if (grants === undefined)
    return warn('the provider does not say that it knows the device flow (grant_types_supported)', remedy);
  if (!grants.includes(deviceGrant))
    return fail('the provider does not offer the device flow (grant_types_supported)', remedy);
  if (!grants.includes('refresh_token'))
    return warn(
      'the provider offers no refresh tokens: a person who is disabled there stays signed in until sign_in.lifetime',
      'allow the client refresh tokens',
    );
  if (wordsIn(document, 'scopes_supported')?.includes(offlineAccess) !== true) return ok('the device flow is offered');
  return isAsked || scopes.includes(offlineAccess)
    ? ok('the device flow is offered')
    : warn(
        'the provider gives refresh tokens for the scope offline_access, and oidc.scopes does not name it',
        'add offline_access to oidc.scopes, or leave oidc.scopes out',
      );
}

const device: Check = {
  id: 'provider-device',
  about: 'the device flow (RFC 8628) is offered where `sign_in.flow` uses it, with refresh tokens for the re-check',
  look: async (scene) => {
    const { oidc, signIn } = await scene.config();
    const document = await documentOf(scene);
    return [signIn.flow === 'code' ? notUsed(signIn.flow) : deviceFinding(document, oidc)];
  },
};

const pkce: Check = {
  id: 'provider-pkce',
  about: 'the authorization code flow with PKCE (S256) is offered where `sign_in.flow` uses it',
  look: async (scene) => [pkceFinding(await documentOf(scene), (await scene.config()).signIn.flow)],
};

const endpoints = ['authorization_endpoint', 'device_authorization_endpoint', 'token_endpoint', 'jwks_uri'];

/** Whether all endpoints are https: somebody on the network could forge the sign-ins of an http: one. */
export function httpsFinding(document: Document, issuer: string, insecure: boolean): Finding {
  const all = [issuer, ...endpoints.map((name) => urlIn(document, name)).filter((url) => url !== undefined)];
  const plain = all.filter((url) => !url.startsWith('https:'));
  if (plain.length === 0) return ok('every endpoint is https:');
  const why = `the provider is reached without TLS: ${plain[0] ?? ''}`;
  const remedy = 'give the provider a certificate, and take insecure_http out of the policy';
  return insecure ? warn(`${why} (insecure_http lets it)`, remedy) : fail(why, remedy);
}

const https: Check = {
  id: 'provider-https',
  about: 'issuer and endpoints are https:',
  look: async (scene) => {
    const { issuer, insecureHttp } = (await scene.config()).oidc;
    return [httpsFinding(await documentOf(scene), issuer, insecureHttp)];
  },
};

/** Whether a key set holds a key for one of the algorithms that the provider offers and we accept. */
export function keysFinding(document: Document, keys: unknown): Finding {
  const offered = wordsIn(document, 'id_token_signing_alg_values_supported') ?? ['RS256'];
  const good = offered.filter((name) => algorithms.includes(name));
  const list = good.join(' ');
  if (good.length === 0)
    return fail(
      `the provider signs ID tokens only by ${offered.join(' ')}`,
      `let it sign by one of ${algorithms.join(' ')}`,
    );
  const usable = (Array.isArray(keys) ? (keys as readonly Readonly<Record<string, unknown>>[]) : []).filter(
    ({ kty, use }) => ['RSA', 'EC', 'OKP'].includes(String(kty)) && use !== 'enc',
  );
  return usable.length > 0
    ? ok(`${usable.length} keys, for ${list}`)
    : fail('the key set has no key that signs', 'look at jwks_uri: no ID token could be verified');
}

const keys: Check = {
  id: 'provider-keys',
  about: 'the key set loads and has a key for an algorithm that we accept (never `none`, never an HMAC)',
  look: async (scene) => {
    const document = await documentOf(scene);
    const url = urlIn(document, 'jwks_uri');
    if (url === undefined)
      return [fail('the provider names no jwks_uri', 'no ID token can be verified; look at the discovery document')];
    return readJson(url, await scene.fetch()).then(
      ({ json }) => [keysFinding(document, json['keys'])],
      (error: unknown) => [
        fail(
          `the key set ${url} does not load: ${providerFault(error).say}`,
          'no ID token can be verified; look at the provider',
        ),
      ],
    );
  },
};

/** Judges the difference of the clocks, in milliseconds. Tokens are refused from 60 s on (src/adapters/oidc-token.ts). */
export function dateFinding(ms: number | undefined): Finding {
  if (ms === undefined) return unknown('the provider sends no Date header', 'compare the clocks by hand');
  const seconds = Math.abs(Math.round(ms / 1000));
  if (seconds <= 5) return ok(`the clocks differ by ${seconds} s`);
  const why = `the clocks of this host and of the provider differ by ${seconds} s`;
  const remedy = 'set the clock of this host: from 60 s on, every sign-in is refused';
  return seconds >= 60 ? fail(why, remedy) : warn(why, remedy);
}

const clock: Check = {
  id: 'provider-clock',
  about: "the provider's clock (its Date header) and this host's agree",
  look: async (scene) => {
    await documentOf(scene);
    return [dateFinding((await scene.metadata()).skewMs)];
  },
};

const approval: Check = {
  id: 'provider-approval',
  about:
    'the client of approval links, where there is one, may do the device flow: it asks for a code, which runs out unused',
  look: async (scene) => {
    const { oidc } = await scene.config();
    if (oidc.approvalClient === undefined) return [ok('approval links are off (oidc.approval_client)')];
    await documentOf(scene);
    if (!scene.root && oidc.approvalClient.clientSecretFile !== undefined)
      return [unknown("the client's secret can be read by root only", 'run it as root: sudo tmux-gate doctor')];
    const provider = openProvider(await optionsFor(oidc, oidc.approvalClient, Date.now));
    return provider.begin(AbortSignal.timeout(codeMs)).then(
      () => [ok(`${oidc.approvalClient?.clientId ?? ''} gets codes`)],
      (error: unknown) => [approvalFinding(error)],
    );
  },
};

const codeMs = 8_000;

const code: Check = {
  id: 'provider-code',
  about:
    'the client of sign-ins gets device codes, and the page where they are typed is there: it asks for a code, which runs out unused',
  look: async (scene) => {
    const { oidc, signIn } = await scene.config();
    await documentOf(scene);
    if (signIn.flow === 'code') return [notUsed(signIn.flow)];
    if (!scene.root && oidc.clientSecretFile !== undefined)
      return [unknown("the client's secret can be read by root only", 'run it as root: sudo tmux-gate doctor')];
    const provider = openProvider(await optionsFor(oidc, oidc, Date.now));
    return provider.begin(AbortSignal.timeout(codeMs)).then(
      () => [ok(`${oidc.clientId} gets codes`)],
      (error: unknown) => [codeFinding(error, oidc.issuer)],
    );
  },
};

/** The finding for an error of the device login of sign-ins. */
export function codeFinding(error: unknown, issuer: string): Finding {
  if (!(error instanceof Refused) || error.code !== 'NO_DEVICE_FLOW') {
    const { say, hint } = providerFault(error);
    return fail(`nobody gets a code: ${say}`, hint);
  }
  const why = error.cause instanceof Error ? error.cause.message : 'the client gets no device codes';
  const { say, hint } = noDeviceAdvice(issuer, why);
  return fail(`nobody can sign in: ${say}`, hint);
}

/** The finding for an error of the approval client's device login. */
export function approvalFinding(error: unknown): Finding {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return fail(
    `notices of requests have no approval link: ${cause instanceof Error ? cause.message : 'no code was given'}`,
    'register oidc.approval_client at the provider and let it do the device flow, or take it out of the policy',
  );
}

export const providerChecks: readonly Check[] = [
  discovery,
  device,
  pkce,
  https,
  keys,
  clock,
  code,
  groups,
  refresh,
  approval,
];
