// Keeps the provider's metadata and keys, and decides when to fetch them again.
//
// 1. Nothing is sent before the first use. Metadata are kept until something fails. Accident: a provider moved its endpoints, and the old
//    ones answer with anything.
// 2. Keys are kept for five minutes at most (openid-client), and fetched again at once when a token names an unknown one. Accident: a
//    provider changes its key, and everybody's sign-in ends.
// 3. Every ID token's signature is verified (`enableNonRepudiationChecks`). Attack: a forged token; openid-client accepts one by default,
//    because it relies on TLS.
import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  getJwksCache,
  setJwksCache,
} from 'openid-client';
import { toleranceSeconds } from './oidc-token.ts';
import { fetchWhole, requestSeconds } from './oidc-transport.ts';

/** The client by which a provider is asked. */
export interface ClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Whether issuer and endpoints may be `http:` (policy: `insecure_http`). */
  readonly insecureHttp: boolean;
}

/** The metadata and keys of a provider, for one client. */
export interface Metadata {
  /** A configuration for one exchange, to be used until its end. @throws errors of openid-client when discovery fails. */
  configuration(): Promise<Configuration>;
  /** Says that the exchange succeeded: the keys that it fetched are kept for the next. */
  keep(used: Configuration): void;
  /** Says that something failed: metadata are fetched again (rule 1). */
  forget(): void;
}

/** The metadata of one client. Nothing is fetched yet. */
export function openMetadata(options: ClientOptions): Metadata {
  let found: Promise<Configuration> | undefined;
  let keys: ReturnType<typeof getJwksCache>;
  return {
    configuration: async () => {
      found ??= discover(options);
      return forOne(options, await found, keys);
    },
    keep: (used) => (keys = getJwksCache(used) ?? keys),
    forget: () => (found = undefined),
  };
}

/**
 * Fetches the provider's metadata.
 * @see OpenID Connect Discovery 1.0 section 4
 * @throws errors of openid-client.
 */
export async function discover(options: ClientOptions): Promise<Configuration> {
  const { issuer, clientId } = options;
  return discovery(new URL(issuer), clientId, client, authOf(options), {
    timeout: requestSeconds,
    [customFetch]: fetchWhole,
    execute: extensionsOf(options),
  });
}

const client = { [clockTolerance]: toleranceSeconds };

/** openid-client fetches keys again for an unknown one only when its last fetch is this old. */
const lookAgainSeconds = 60;

/** A configuration for one exchange. It is a new object each time, so that we can set the age of its keys (rule 2). */
function forOne(options: ClientOptions, found: Configuration, keys: ReturnType<typeof getJwksCache>): Configuration {
  const one = new Configuration(found.serverMetadata(), options.clientId, client, authOf(options));
  one.timeout = requestSeconds;
  one[customFetch] = fetchWhole;
  for (const extend of extensionsOf(options)) extend(one);
  if (keys !== undefined) setJwksCache(one, { jwks: keys.jwks, uat: keys.uat - lookAgainSeconds });
  return one;
}

/** Verification of every signature (rule 3); http where the policy allows it. */
function extensionsOf({ insecureHttp }: ClientOptions): ((configuration: Configuration) => void)[] {
  return [enableNonRepudiationChecks, ...(insecureHttp ? [loudlyAllowHttp] : [])];
}

/** The library marks it as deprecated so that nobody uses it by accident. Here it needs `insecure_http: true` in the policy. */
// eslint-disable-next-line @typescript-eslint/no-deprecated
const loudlyAllowHttp = allowInsecureRequests;

function authOf({ clientSecret }: ClientOptions): ClientAuth | undefined {
  return clientSecret === undefined ? undefined : bySecret(clientSecret);
}

/**
 * How a client sends its secret: by HTTP Basic, unless the provider accepts it only in the body. Metadata that say nothing mean Basic
 * (RFC 8414 section 2). For Basic the secret is percent-encoded (RFC 6749 section 2.3.1), which some providers do not decode. So where
 * the encoding changes it, and the provider also accepts the body, it goes into the body.
 */
export function bySecret(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  const isPlain = encodeURIComponent(secret) === secret;
  return (server, ...request) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isInBody = methods.includes('client_secret_post') && !(isPlain && methods.includes('client_secret_basic'));
    (isInBody ? post : basic)(server, ...request);
  };
}
