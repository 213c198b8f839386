// The clients of the policy, as the provider is asked by them.
import { readFile } from 'node:fs/promises';
import type { OidcClient, OidcPolicy } from '../core/policy-types.ts';
import type { ProviderOptions } from './oidc.ts';

/** @throws Error when the client's secret cannot be read. */
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
