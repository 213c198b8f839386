// What is remembered of the provider's metadata and keys, and when they are asked for anew.
//
// 1. Nothing is sent before the first use. Metadata are kept until something fails: a provider that moved its endpoints answers at
//    the old ones with anything.
// 2. Keys are kept for at most five minutes (openid-client), and asked for anew at once when a token names one that is not among
//    them: a provider that changes its key must end nobody's sign-in.
// 3. Every ID token's signature is verified (`enableNonRepudiationChecks`): openid-client trusts TLS alone by default and
//    accepts a forged one.
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

export interface ClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Lets issuer and endpoints be `http:`. */
  readonly insecureHttp: boolean;
}

export interface Metadata {
  /** For one exchange, from its beginning to its end. */
  configuration(): Promise<Configuration>;
  /** The exchange went well: the keys that it saw serve the next. */
  keep(used: Configuration): void;
  /** Something failed: rule 1. */
  forget(): void;
}

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

/** @see OpenID Connect Discovery 1.0 section 4 */
export async function discover(options: ClientOptions): Promise<Configuration> {
  const { issuer, clientId } = options;
  return discovery(new URL(issuer), clientId, client, authOf(options), {
    timeout: requestSeconds,
    [customFetch]: fetchWhole,
    execute: extensionsOf(options),
  });
}

const client = { [clockTolerance]: toleranceSeconds };

/** openid-client looks for an unknown key anew only when its last look is so long ago. */
const lookAgainSeconds = 60;

/** Rule 2: an object of its own each time, so that the age of the keys is ours to tell. */
function forOne(options: ClientOptions, found: Configuration, keys: ReturnType<typeof getJwksCache>): Configuration {
  const one = new Configuration(found.serverMetadata(), options.clientId, client, authOf(options));
  one.timeout = requestSeconds;
  one[customFetch] = fetchWhole;
  for (const extend of extensionsOf(options)) extend(one);
  if (keys !== undefined) setJwksCache(one, { jwks: keys.jwks, uat: keys.uat - lookAgainSeconds });
  return one;
}

/** Rule 3. */
function extensionsOf({ insecureHttp }: ClientOptions): ((configuration: Configuration) => void)[] {
  return [enableNonRepudiationChecks, ...(insecureHttp ? [loudlyAllowHttp] : [])];
}

/** Marked as deprecated so that nobody uses it unawares; here it takes `insecure_http: true` in the policy. */
// eslint-disable-next-line @typescript-eslint/no-deprecated
const loudlyAllowHttp = allowInsecureRequests;

function authOf({ clientSecret }: ClientOptions): ClientAuth | undefined {
  return clientSecret === undefined ? undefined : bySecret(clientSecret);
}

/**
 * How a client's secret is shown: by Basic unless the provider takes it in the body alone; metadata that say nothing mean Basic (RFC 8414
 * section 2). Basic has it percent-encoded (RFC 6749 section 2.3.1), which some providers do not undo: where that makes a difference,
 * and the body is taken as well, it is shown there.
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
