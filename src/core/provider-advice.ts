// What root is told when a provider gives less than tmux-gate needs: what is missing, what follows from it, and the setting of that product
// which gives it (docs/providers.md has them in full). The doctor and `tmux-gate init` print it.
import { sanitizeLine } from './text.ts';

/** The products that docs/providers.md describes. */
export type ProviderKind = 'keycloak' | 'okta' | 'entra' | 'google' | 'authentik' | 'dex' | 'zitadel';

/** A sentence without its full stop, and what to do. */
export interface ProviderAdvice {
  readonly say: string;
  readonly hint: string;
}

interface Hints {
  readonly device: string;
  readonly groups: string;
  readonly refresh: string;
}

/** How the issuers of a product look: their host and path, without the scheme. The first match counts. */
const forms: readonly (readonly [RegExp, ProviderKind])[] = [
  [/^accounts\.google\.com\/?$/, 'google'],
  [/^(?:login|sts)\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn|windows\.net)\//, 'entra'],
  [/^[^/]+\.okta(?:preview|-emea|-gov)?\.(?:com|mil)(?:\/|$)/, 'okta'],
  [/^[^/]+\.zitadel\.(?:cloud|app)\/?$/, 'zitadel'],
  [/\/application\/o\/[^/]+\/?$/, 'authentik'],
  [/\/realms\/[^/]+\/?$/, 'keycloak'],
  [/^dex\.|\/dex\/?$/, 'dex'],
];

/** The product by the address of its issuer; undefined when the address does not tell. */
export function providerKind(issuer: string): ProviderKind | undefined {
  const url = URL.parse(issuer);
  return url === null ? undefined : forms.find(([form]) => form.test(url.host + url.pathname))?.[1];
}

const general: Hints = {
  device: 'switch on the device flow (RFC 8628) at the provider, for the client of the policy',
  groups: 'have the provider put the groups into the ID token, or name the claim that has them in oidc.claims.groups',
  refresh: 'allow the client refresh tokens, and ask for the scope offline_access',
};

const hints: Readonly<Record<ProviderKind, Hints>> = {
  keycloak: {
    device: 'Keycloak: in the client, under Capability config, tick OAuth 2.0 Device Authorization Grant',
    groups:
      'Keycloak: give the client a mapper of the type Group Membership, claim name groups, Add to ID token on, Full group path off',
    refresh: 'Keycloak: add the client scope offline_access to the client as optional, and leave oidc.scopes out',
  },
  okta: {
    device:
      'Okta: in the native app tick Device Authorization; with a custom server also in the rule of its access policy',
    groups:
      "Okta: add a groups claim to the app (Sign On) or to the custom server, in the ID token; its filter must match the person's groups",
    refresh:
      'Okta: tick Refresh Token in the app; with a custom server also offline_access in the rule of its access policy',
  },
  entra: {
    device:
      'Entra ID: under Authentication set Allow public client flows to Yes, and let Conditional Access permit the device code flow',
    groups:
      'Entra ID: under Token configuration add the groups claim to the ID token, for groups assigned to the application; or use app roles and oidc.claims.groups: roles',
    refresh: 'Entra ID: add offline_access to oidc.scopes, or leave oidc.scopes out',
  },
  google: {
    device: 'Google: make a client of the type TVs and Limited Input devices',
    groups: 'Google sends no groups: list them in a file of your own, oidc.claims.groups_file',
    refresh: 'Google: use a client of the type TVs and Limited Input devices, whose sign-ins come with a refresh token',
  },
  authentik: {
    device:
      'authentik: make a flow with the designation Stage Configuration, and set it as Device code flow of the brand',
    groups:
      'authentik: add the scope mapping profile to the provider, which has the claim groups; and tick Include claims in id_token',
    refresh: 'authentik: add the scope mapping offline_access to the provider, and leave oidc.scopes out',
  },
  dex: {
    device: 'Dex: the device flow is on by default; look at oauth2.grantTypes in its configuration',
    groups: 'Dex: add groups to oidc.scopes, and use a connector that has groups',
    refresh: 'Dex: add offline_access to oidc.scopes, and use a connector that can refresh',
  },
  zitadel: {
    device: 'Zitadel: make an application of the type Native, and tick Device Code among its grant types',
    groups:
      'Zitadel: tick User roles inside ID Token in the application, Assert Roles on Authentication in the project, and set oidc.claims.groups to urn:zitadel:iam:org:project:roles',
    refresh: 'Zitadel: tick Refresh Token among the grant types of the application, and leave oidc.scopes out',
  },
};

function hintOf(issuer: string, of: keyof Hints): string {
  const kind = providerKind(issuer);
  return (kind === undefined ? general : hints[kind])[of];
}

/** For a sign-in without a refresh token. */
export function noRefreshAdvice(issuer: string): ProviderAdvice {
  return {
    say: 'the provider gave no refresh token: a person who is disabled there, or leaves a group, keeps access here until sign_in.lifetime',
    hint: hintOf(issuer, 'refresh'),
  };
}

/** For an ID token without the groups claim. @param claim its name in the policy */
export function noGroupsAdvice(issuer: string, claim: string): ProviderAdvice {
  return {
    say: `the ID tokens have no claim "${sanitizeLine(claim, 64)}", so nobody is in a group and nobody gets access`,
    hint: hintOf(issuer, 'groups'),
  };
}

/** For a client that gets no device codes, or a provider without a page for them. @param why one clause */
export function noDeviceAdvice(issuer: string, why: string): ProviderAdvice {
  return { say: why, hint: hintOf(issuer, 'device') };
}
