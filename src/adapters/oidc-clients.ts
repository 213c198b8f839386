// Turns a client of the policy into the options of a provider connection (adapters/oidc.ts).
import { readFile } from 'node:fs/promises';
import type { OidcClient, OidcPolicy } from '../core/policy-types.ts';
import type { ProviderOptions } from './oidc.ts';

/** Reads the client's secret and combines it with the policy. @throws Error when the secret cannot be read. */
export async function optionsFor(
  { issuer, scopes, claims, insecureHttp, insecureUnstatedEmail }: OidcPolicy,
  { clientId, clientSecretFile }: OidcClient,
  now: () => number,
): Promise<ProviderOptions> {
  const secret = clientSecretFile === undefined ? undefined : (await readFile(clientSecretFile, 'utf8')).trim();
  return {
    ...{ issuer, clientId, scopes, insecureHttp, now },
    unstatedEmail: insecureUnstatedEmail === true,
    claims: { login: claims.login.claim, groups: claims.groups },
    ...(secret === undefined ? {} : { clientSecret: secret }),
  };
}
