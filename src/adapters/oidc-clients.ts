// Turns a client of the policy into the options of a provider connection (adapters/oidc.ts).
import { readFile } from 'node:fs/promises';
import { readCaFile } from '../config/ca-file.ts';
import type { OidcClient, OidcPolicy } from '../core/policy-types.ts';
import { openGroupList } from './oidc-groups.ts';
import type { ProviderOptions } from './oidc.ts';

/** Reads the client's secret and the CAs, and combines them with the policy. @throws Error when one of them cannot be read. */
export async function optionsFor(
  policy: OidcPolicy,
  { clientId, clientSecretFile }: OidcClient,
  now: () => number,
): Promise<ProviderOptions> {
  const { issuer, scopes, offlineAccess = false, clientAuthentication, claims, insecureHttp } = policy;
  const { login, groups, groupNames, groupsFile, require: required } = claims;
  const secret = clientSecretFile === undefined ? undefined : (await readFile(clientSecretFile, 'utf8')).trim();
  const ca = await casOf(policy);
  return {
    ...{ issuer, clientId, scopes, offlineAccess, insecureHttp, now },
    unstatedEmail: policy.insecureUnstatedEmail === true,
    claims: { login: login.claim, groups, ...(groupNames === undefined ? {} : { groupNames }) },
    ...(required === undefined ? {} : { required }),
    ...(groupsFile === undefined ? {} : { groupList: openGroupList(groupsFile) }),
    ...(secret === undefined ? {} : { clientSecret: secret }),
    ...(clientAuthentication === undefined ? {} : { clientAuthentication }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** The CAs of the policy, each as PEM; undefined: those of the host alone. @throws UnsafeFileError */
export async function casOf({ caFile }: OidcPolicy): Promise<readonly string[] | undefined> {
  return caFile === undefined ? undefined : readCaFile(caFile);
}
