// One sign-in by the authorization code flow (RFC 6749 section 4.1, RFC 8252): the link that a person opens, and the address at which
// their browser ends, which they paste back.
//
// 1. `state`, `nonce` and the PKCE verifier are made here for one sign-in and never leave this closure but for `state`, which the pasted
//    address must have. Attack: an address of somebody else's sign-in is pasted, so that the wrong person is signed in (RFC 9700 section
//    4.7); a code that was read elsewhere is redeemed (section 4.5).
// 2. A link lives `linkSeconds`, and its first redemption is the last. Attack: an address is kept, and pasted later or again.
// 3. `iss` in the address must be ours, and must be there where the provider says that it sends it (RFC 9207). Attack: the answer of
//    another provider is taken for this one's (mix-up, RFC 9700 section 4.4).
// 4. Where a fresh sign-in is asked for, `auth_time` must be later than that. It may only be missing where the provider does not name it
//    among its claims: such a provider cannot say when. Attack: whoever has a live session in the person's browser takes `max_age` out of
//    the link, and is not asked for a password.
// 5. Only the parameters of the address are used, never its place: the code is sent to the token endpoint of the metadata alone.
import {
  AuthorizationResponseError,
  type Configuration,
  ResponseBodyError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Identity } from '../core/identity.ts';
import type { RefusalCode } from '../core/refusals.ts';
import { sanitizeLine } from '../core/text.ts';
import { shownLink } from './oidc-device.ts';
import { withFallbacks, type Fallback } from './oidc-fallback.ts';
import { describe, pollFault, refused } from './oidc-fault.ts';
import type { Tokens } from './oidc-token.ts';
import { unlessAborted } from './oidc-transport.ts';

const linkSeconds = 300;
const linkLength = 2048;

/** What a link asks for. */
export interface CodeAsked {
  /** Where the provider sends the browser, as it is registered there. */
  readonly redirectUri: string;
  /** More parameters of the request, for what this provider needs. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The instant (ms since the epoch) after which the person must have signed in; missing: a live session of the browser is enough. */
  readonly freshSince?: number;
}

/** How it is asked: with which scope, and how the client may prove itself to the token endpoint. */
export interface CodeRequest extends CodeAsked {
  readonly scope: string;
  readonly fallback: Fallback;
  /** Is told of an error that the address or the token endpoint has. */
  readonly failed: (error: unknown) => void;
}

/** A link, and what redeems the address that comes of it. */
export interface CodeLink {
  readonly link: string;
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly redeem: (answer: URLSearchParams, signal: AbortSignal) => Promise<Tokens>;
}

/** Makes a link. @throws Refused NO_CODE_FLOW; PROVIDER_DOWN when it cannot be shown safely; errors of openid-client */
export async function askByLink(
  configuration: Configuration,
  asked: CodeRequest,
  now: () => number,
): Promise<CodeLink> {
  checkFlow(configuration);
  const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
  const challenge = await calculatePKCECodeChallenge(verifier);
  const expiresAt = now() + linkSeconds * 1000;
  const url = buildAuthorizationUrl(configuration, {
    ...asked.parameters,
    ...(asked.freshSince === undefined ? {} : askAnew(configuration, asked.parameters)),
    ...{ scope: asked.scope, state, nonce, redirect_uri: asked.redirectUri },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
  });
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
  let isRedeemed = false;
  const redeem: CodeLink['redeem'] = async (answer, signal) => {
    if (isRedeemed) throw refused('ADDRESS_USED', 'the link was redeemed before');
    if (now() >= expiresAt) throw refused('SIGN_IN_EXPIRED', 'the link is over');
    if (answer.get('state') !== state) throw refused('ADDRESS_UNKNOWN', 'state is of another sign-in');
    checkIssuer(configuration, answer);
    isRedeemed = true;
    const address = new URL(`?${answer.toString()}`, asked.redirectUri); // rule 5
    try {
      const grant = withFallbacks([asked.fallback], async () => authorizationCodeGrant(configuration, address, checks));
      return await unlessAborted(grant, signal);
    } catch (error) {
      signal.throwIfAborted();
      asked.failed(error);
      throw codeFault(error);
    }
  };
  return { link: shownLink(url.href, linkLength), state, expiresAt, redeem };
}

/**
 * Whether the provider has what the flow needs. Without S256 a code could be redeemed by whoever reads it; a provider that names no method
 * may know it all the same. @throws Refused NO_CODE_FLOW
 */
function checkFlow(configuration: Configuration): void {
  const { authorization_endpoint: endpoint, code_challenge_methods_supported: methods } =
    configuration.serverMetadata();
  if (endpoint === undefined) throw refused('NO_CODE_FLOW', 'the provider has no authorization_endpoint');
  if (methods !== undefined && !methods.includes('S256'))
    throw refused(
      'NO_CODE_FLOW',
      `PKCE by S256 is not offered (code_challenge_methods_supported: ${methods.join(' ')})`,
    );
}

/** Google refuses a request with `prompt=login` (its "OpenID Connect" guide, "prompt": none, consent, select_account). */
const withoutLoginPrompt: readonly string[] = ['https://accounts.google.com'];

/** Asks the provider to let the person sign in anew (OpenID Connect Core 1.0 section 3.1.2.1). */
function askAnew(
  configuration: Configuration,
  { prompt, max_age: max = '0' }: CodeAsked['parameters'],
): Record<string, string> {
  const { issuer, prompt_values_supported: known } = configuration.serverMetadata();
  const asks = Array.isArray(known) ? known.includes('login') : !withoutLoginPrompt.includes(issuer);
  const words = [...(prompt === undefined ? [] : prompt.split(' ')), ...(asks ? ['login'] : [])];
  // Some providers refuse 0 (Glewlwyd 2.7: "max_age invalid"); whatever is asked for, `checkFresh` decides.
  return { max_age: max, ...(words.length === 0 ? {} : { prompt: [...new Set(words)].join(' ') }) };
}

/** Rule 3. @throws Refused PROVIDER_MIXED_UP */
function checkIssuer(configuration: Configuration, answer: URLSearchParams): void {
  const { issuer, authorization_response_iss_parameter_supported: isSent } = configuration.serverMetadata();
  const said = answer.get('iss');
  if (said === null ? isSent !== true : said === issuer) return;
  throw refused('PROVIDER_MIXED_UP', said === null ? 'iss is missing in the address' : 'iss in the address is another');
}

/** Rule 4. @param since ms since the epoch; undefined: nothing is asked of it. @throws Refused SIGN_IN_STALE */
export function checkFresh(configuration: Configuration, identity: Identity, since: number | undefined): void {
  if (since === undefined) return;
  const { authenticatedAt: at } = identity;
  const claims = configuration.serverMetadata()['claims_supported'];
  if (at === undefined && Array.isArray(claims) && claims.includes('auth_time'))
    throw refused('SIGN_IN_STALE', 'auth_time is missing, although the provider names it (claims_supported)');
  // In whole seconds, as auth_time is.
  if (at !== undefined && at < Math.floor(since / 1000) * 1000)
    throw refused('SIGN_IN_STALE', `auth_time is ${Math.ceil((since - at) / 1000)} s before the act that it is for`);
}

/** Errors of the address (RFC 6749 section 4.1.2.1; OpenID Connect Core 1.0 section 3.1.2.6) and of the token endpoint (section 5.2). */
const answers: Readonly<Record<string, RefusalCode>> = {
  access_denied: 'SIGN_IN_DENIED',
  login_required: 'SIGN_IN_DENIED',
  interaction_required: 'SIGN_IN_DENIED',
  consent_required: 'SIGN_IN_DENIED',
  account_selection_required: 'SIGN_IN_DENIED',
  invalid_grant: 'CODE_REFUSED',
  invalid_code: 'CODE_REFUSED', // Glewlwyd 2.7 says it so
  invalid_request: 'NO_CODE_FLOW',
  invalid_scope: 'NO_CODE_FLOW',
  unauthorized_client: 'NO_CODE_FLOW',
  unsupported_grant_type: 'NO_CODE_FLOW',
  unsupported_response_type: 'NO_CODE_FLOW',
};

/** The refusal for an error while the address was redeemed. */
function codeFault(error: unknown): Error {
  if (!(error instanceof AuthorizationResponseError) && !(error instanceof ResponseBodyError)) return pollFault(error);
  const code = answers[error.error];
  if (code === undefined) return pollFault(error);
  if (error instanceof ResponseBodyError) return refused(code, describe(error));
  const detail = sanitizeLine(error.error_description ?? 'no description', 100);
  return refused(code, `the address says "${error.error}" (${detail})`);
}
