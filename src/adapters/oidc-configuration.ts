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
  Configuration,
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  getJwksCache,
  setJwksCache,
} from 'openid-client';
import type { ClientAuthenticationWay } from '../core/policy-types.ts';
import { openClientAuthentication, type ClientAuthentication } from './oidc-client-auth.ts';
import { openScopes, type Scopes } from './oidc-scopes.ts';
import { toleranceSeconds } from './oidc-token.ts';
import { type FetchWhole, openTransport, requestSeconds } from './oidc-transport.ts';

/** The client by which a provider is asked. */
export interface ClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** How the secret is sent; undefined: as the provider takes it. */
  readonly clientAuthentication?: ClientAuthenticationWay;
  readonly scopes: readonly string[];
  /** Whether `offline_access` is asked for as well, where the provider lists it. */
  readonly offlineAccess?: boolean;
  /** CAs that may vouch for the provider beside those of the host, each as PEM. */
  readonly ca?: readonly string[];
  /** Whether issuer and endpoints may be `http:` (policy: `insecure_http`). */
  readonly insecureHttp: boolean;
}

/** The metadata and keys of a provider, for one client. */
export interface Metadata {
  /** Fetches the provider's metadata, and keeps nothing of them. @throws errors of openid-client */
  discover(): Promise<Configuration>;
  /** A configuration for one exchange, to be used until its end. @throws errors of openid-client when discovery fails. */
  configuration(): Promise<Configuration>;
  /** Says that the exchange succeeded: the keys that it fetched are kept for the next. */
  keep(used: Configuration): void;
  /** Says that something failed: metadata are fetched again (rule 1). */
  forget(): void;
  /** Makes a check once for these metadata; again if it failed, or they were fetched again. @throws what the check throws */
  readonly checked: (check: () => Promise<void>) => Promise<void>;
  readonly scopes: Scopes;
  readonly authentication: ClientAuthentication;
  /** Sends a request of ours to the provider. */
  readonly fetch: FetchWhole;
}

/** The metadata of one client. Nothing is fetched yet. */
export function openMetadata(options: ClientOptions): Metadata {
  const authentication = openClientAuthentication(options.clientSecret, options.clientAuthentication);
  const fetch = openTransport(options.ca);
  const client: Client = { ...options, auth: authentication.auth, fetch };
  let found: Promise<Configuration> | undefined;
  let checkedFor: Promise<Configuration> | undefined;
  let keys: ReturnType<typeof getJwksCache>;
  return {
    scopes: openScopes(options.scopes, options.offlineAccess === true),
    authentication,
    fetch,
    discover: async () => discover(client),
    configuration: async () => {
      found ??= discover(client);
      return forOne(client, await found, keys);
    },
    checked: async (check) => {
      if (found !== undefined && checkedFor === found) return;
      await check();
      checkedFor = found;
    },
    keep: (used) => (keys = getJwksCache(used) ?? keys),
    forget: () => (found = undefined),
  };
}

/** A client, and what its requests are sent by. */
interface Client extends ClientOptions {
  readonly auth: ClientAuth | undefined;
  readonly fetch: FetchWhole;
}

/** Fetches the provider's metadata (OpenID Connect Discovery 1.0 section 4). */
async function discover(options: Client): Promise<Configuration> {
  const { issuer, clientId, auth } = options;
  return discovery(new URL(issuer), clientId, clientMetadata, auth, {
    timeout: requestSeconds,
    [customFetch]: options.fetch,
    execute: extensionsOf(options),
  });
}

const clientMetadata = { [clockTolerance]: toleranceSeconds };

/** openid-client fetches keys again for an unknown one only when its last fetch is this old. */
const lookAgainSeconds = 60;

/** A configuration for one exchange. It is a new object each time, so that we can set the age of its keys (rule 2). */
function forOne(options: Client, found: Configuration, keys: ReturnType<typeof getJwksCache>): Configuration {
  const one = new Configuration(found.serverMetadata(), options.clientId, clientMetadata, options.auth);
  one.timeout = requestSeconds;
  one[customFetch] = options.fetch;
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
