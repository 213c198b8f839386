// The schema of `oidc`: the provider, its clients, and what is read from an ID token (docs/providers.md).
import * as z from 'zod';
import type { LoginRule } from '../core/identity.ts';
import type { OidcClaims, OidcClient, OidcPolicy } from '../core/policy-types.ts';
import { authorizeParametersSchema, redirectUriSchema } from './code-flow-schema.ts';
import { secretPath } from './credential.ts';
import { account, bare, domain, path, webUrl, words } from './fields.ts';

const groupName = words(255);

const claimsSchema = z
  .strictObject({
    login: z
      .strictObject({
        claim: words(128).meta({ description: 'The claim of the ID token that names the login, such as email.' }),
        strip_domain: domain.optional().meta({
          description:
            'The mail domain that is cut off the claim to get the login; other domains get none. Not with map.',
        }),
        map: z
          .record(account, words(320))
          .optional()
          .meta({ description: 'Login to claim value, one line for each login. Not with strip_domain.' }),
      })
      .transform(({ claim, strip_domain, map }): LoginRule => {
        if (map !== undefined) return { claim, map: bare(Object.entries(map)) };
        return strip_domain === undefined ? { claim } : { claim, stripDomain: strip_domain };
      })
      .meta({ description: 'Which login an identity may use.' }),
    groups: words(128).prefault('groups').meta({ description: "The claim that lists a person's groups." }),
    group_names: z.record(groupName, groupName).optional().meta({
      description:
        'What this file calls a group, to the value that the claim has for it, such as a GUID of Entra ID. Only that value gives the name.',
    }),
    groups_file: path.optional().meta({
      description:
        'A file that lists the groups of each person, by the value of the login claim, where the provider has no groups. Not with groups or group_names.',
    }),
    require: z
      .record(words(128), words(320))
      .optional()
      .meta({ description: "Claims that must have these values, such as Google's hd; other accounts cannot sign in." }),
  })
  .transform(({ login, groups, group_names, groups_file, require }): OidcClaims => ({
    ...{ login, groups },
    ...(group_names === undefined ? {} : { groupNames: bare(Object.entries(group_names)) }),
    ...(groups_file === undefined ? {} : { groupsFile: groups_file }),
    ...(require === undefined ? {} : { require: bare(Object.entries(require)) }),
  }))
  .meta({ description: 'How claims of the ID token become a login and groups.' });

const secretFile = secretPath.optional().meta({
  description:
    "The file with the client's secret, owned by root and readable by nobody else. Left out: a public client.",
});

const approvalClientSchema = z
  .strictObject({
    client_id: words(256).meta({ description: 'Its client id: another one than that of sign-ins.' }),
    client_secret_file: secretFile,
  })
  .transform((raw) => clientOf(raw))
  .meta({
    description:
      'Turns approval links on: the client whose name at the provider says that signing in to it approves. Left out: no links.',
  });

function clientOf(raw: { readonly client_id: string; readonly client_secret_file?: string | undefined }): OidcClient {
  const { client_id: clientId, client_secret_file: clientSecretFile } = raw;
  return { clientId, ...(clientSecretFile === undefined ? {} : { clientSecretFile }) };
}

const usualScopes = ['openid', 'email', 'profile'];

export const oidcSchema = z
  .strictObject({
    issuer: webUrl(
      'This is not an issuer; write an https URL without user, password or #, as the provider gives it.',
    ).meta({
      description: 'The URL of the OpenID provider, exactly as its discovery document gives it.',
    }),
    client_id: words(256).meta({ description: 'The client id that the provider gave to tmux-gate.' }),
    client_secret_file: secretFile,
    approval_client: approvalClientSchema.optional(),
    redirect_uri: redirectUriSchema,
    authorize_parameters: authorizeParametersSchema.optional(),
    scopes: z
      .array(words(128))
      .refine((scopes) => scopes.includes('openid'), 'openid is missing; without it the provider gives no ID token.')
      .optional()
      .meta({
        description:
          'The scopes that are asked for, openid among them. Left out: openid, email, profile, and offline_access where the provider lists it.',
      }),
    client_authentication: z.enum(['post', 'basic']).optional().meta({
      description:
        'How the secret is sent: in the body, or as HTTP Basic. Left out: as the provider says that it takes it.',
    }),
    ca_file: path.optional().meta({
      description:
        "A PEM file, owned by root, with the CAs that may vouch for the provider's certificate beside those that the host trusts.",
    }),
    claims: claimsSchema,
    insecure_http: z
      .boolean()
      .prefault(false)
      .meta({ description: 'WEAKENS: lets the issuer be http:, so that whoever is on the line can forge sign-ins.' }),
    insecure_unstated_email: z.boolean().prefault(false).meta({
      description:
        'WEAKENS: where the login claim is `email`, takes an address of which the provider does not say whether it is verified (no email_verified in the ID token). One that it calls unverified names nobody all the same.',
    }),
  })
  .transform((raw): OidcPolicy => ({
    issuer: raw.issuer,
    ...clientOf(raw),
    ...(raw.approval_client === undefined ? {} : { approvalClient: raw.approval_client }),
    ...(raw.scopes === undefined ? { scopes: usualScopes, offlineAccess: true } : { scopes: raw.scopes }),
    ...(raw.client_authentication === undefined ? {} : { clientAuthentication: raw.client_authentication }),
    ...(raw.ca_file === undefined ? {} : { caFile: raw.ca_file }),
    claims: raw.claims,
    redirectUri: raw.redirect_uri,
    ...(raw.authorize_parameters === undefined ? {} : { authorizeParameters: raw.authorize_parameters }),
    insecureHttp: raw.insecure_http,
    ...(raw.insecure_unstated_email ? { insecureUnstatedEmail: true } : {}),
  }))
  .meta({ description: "The company's OpenID provider." });
