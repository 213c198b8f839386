// The products of docs/providers.md, as the sandbox's provider imitates them: addresses, discovery, claims and answers as each product's
// public documentation gives them. Where a field is from its source instead, that is said.
import { absent } from '../../scripts/sandbox/provider-messages.ts';
import type { Shape } from '../../scripts/sandbox/provider-shape.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const endpoints = (device: string, token: string, keys: string, page: string) => ({
  ...{ '/device/auth': device, '/token': token, '/jwks': keys, '/device': page },
});
const bothMethods = ['client_secret_basic', 'client_secret_post'];

/** https://www.keycloak.org/securing-apps/oidc-layers; Server Administration Guide, "OAuth 2.0 Device Authorization Grant" */
export const keycloak: Shape = {
  path: '/realms/main',
  endpoints: endpoints(
    '/realms/main/protocol/openid-connect/auth/device',
    '/realms/main/protocol/openid-connect/token',
    '/realms/main/protocol/openid-connect/certs',
    '/realms/main/device',
  ),
  discovery: {
    grant_types_supported: ['authorization_code', 'refresh_token', 'password', 'client_credentials', deviceGrant],
    scopes_supported: ['openid', 'email', 'profile', 'roles', 'offline_access'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', ...bothMethods, 'tls_client_auth', 'client_secret_jwt'],
  },
  device: { expires_in: 600 },
  claims: { azp: 'tmux-gate', typ: 'ID', acr: '1', preferred_username: 'alice', groups: ['engineers'] },
};

const okta = (server: string): Shape => ({
  endpoints: endpoints(`${server}/v1/device/authorize`, `${server}/v1/token`, `${server}/v1/keys`, '/activate'),
  discovery: {
    grant_types_supported: ['authorization_code', 'implicit', 'refresh_token', 'password', deviceGrant],
    scopes_supported: ['openid', 'email', 'profile', 'address', 'phone', 'offline_access', 'groups'],
    token_endpoint_auth_methods_supported: [...bothMethods, 'client_secret_jwt', 'private_key_jwt', 'none'],
  },
  device: { expires_in: 600 },
});

/**
 * https://developer.okta.com/docs/guides/device-authorization-grant/main; the ID token of the org server has no `email_verified`
 * (https://github.com/UsefulSoftwareCo/executor/issues/1972), and groups in it alone (guide "customize-tokens-groups-claim").
 */
export const oktaOrg: Shape = {
  ...okta('/oauth2'),
  claims: {
    ver: 1,
    amr: ['pwd'],
    preferred_username: 'alice@example.com',
    email_verified: absent,
    groups: ['engineers'],
  },
};

/** The same guide, with a custom authorization server. Without "Refresh Token" in the app there is none. */
export const oktaCustom: Shape = {
  ...okta('/oauth2/default'),
  path: '/oauth2/default',
  claims: {
    ver: 1,
    amr: ['pwd'],
    preferred_username: 'alice@example.com',
    email_verified: absent,
    groups: 'engineers',
  },
};

const tenant = '/bbbbcccc-1111-dddd-2222-eeee3333ffff';
export const guids = {
  engineers: '0760b6cf-170e-4a14-91b3-4b78e0739963',
  oncall: '3b2b0c93-acd8-4208-8eba-7a48db1cd4c0',
};

/**
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code (no verification_uri_complete, `message`, error names) and
 * id-token-claims-reference. The discovery document has no grant_types_supported.
 */
export const entra: Shape = {
  path: `${tenant}/v2.0`,
  endpoints: endpoints(
    `${tenant}/oauth2/v2.0/devicecode`,
    `${tenant}/oauth2/v2.0/token`,
    `${tenant}/discovery/v2.0/keys`,
    '/device',
  ),
  discovery: {
    grant_types_supported: absent,
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
  },
  device: { verification_uri_complete: absent, expires_in: 900, message: 'To sign in, use a web browser ...' },
  errors: { access_denied: 'authorization_declined' },
  claims: {
    ...{ ver: '2.0', tid: tenant.slice(1), preferred_username: 'alice@example.com', email_verified: absent },
    groups: [guids.engineers, 'ffffffff-aaaa-4444-8888-000000000000'],
  },
};

/** id-token-claims-reference, "Groups overage claim": more than 200 groups. */
export const overage: NonNullable<Shape['claims']> = {
  groups: absent,
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint: 'https://graph.microsoft.com/v1.0/users/{userID}/getMemberObjects' } },
};

/**
 * https://developers.google.com/identity/gsi/web/guides/devices (verification_url, no complete link), .../openid-connect/reference (`hd`),
 * .../protocols/oauth2/limited-input-device (status 428 while pending, the client's secret).
 */
export const google: Shape = {
  endpoints: endpoints('/device/code', '/token', '/oauth2/v3/certs', '/device'),
  discovery: {
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      deviceGrant,
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ],
    scopes_supported: ['openid', 'email', 'profile'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  },
  device: { verification_uri_complete: absent, expires_in: 1800 },
  deviceNames: { verification_uri: 'verification_url' },
  secretsBy: 'post',
  pendingStatus: 428,
  claims: { azp: 'tmux-gate-post', hd: 'example.com', email_verified: true, groups: absent },
};

/**
 * https://docs.goauthentik.io/add-secure-apps/providers/oauth2/device_code; discovery as in its source (views/provider.py). The issuer ends
 * in a slash.
 */
export const authentik: Shape = {
  path: '/application/o/tmux-gate/',
  endpoints: endpoints('/application/o/device/', '/application/o/token/', '/application/o/tmux-gate/jwks/', '/device'),
  discovery: {
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'implicit',
      'client_credentials',
      'password',
      deviceGrant,
    ],
    scopes_supported: ['openid', 'email', 'profile', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  },
  device: { expires_in: 60 },
  claims: { preferred_username: 'alice', email_verified: false, groups: ['engineers'] },
};

/** https://dexidp.io/docs/configuration/custom-scopes-claims-clients/; server/deviceflowhandlers.go: status 401 while pending */
export const dex: Shape = {
  path: '/dex',
  endpoints: endpoints('/dex/device/code', '/dex/token', '/dex/keys', '/dex/device'),
  discovery: {
    grant_types_supported: ['authorization_code', 'refresh_token', deviceGrant],
    scopes_supported: ['openid', 'email', 'groups', 'profile', 'offline_access'],
    token_endpoint_auth_methods_supported: bothMethods,
  },
  device: { expires_in: 300 },
  secretsBy: 'post',
  pendingStatus: 401,
  claims: { groups: ['engineers'] },
  refreshed: { groups: absent },
};

/** https://zitadel.com/docs/apis/openidoauth/claims and /scopes: roles as an object; offline_access with the code flow only */
export const zitadel: Shape = {
  endpoints: endpoints('/oauth/v2/device_authorization', '/oauth/v2/token', '/oauth/v2/keys', '/device'),
  discovery: {
    grant_types_supported: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials', deviceGrant],
    scopes_supported: ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'],
    token_endpoint_auth_methods_supported: ['none', ...bothMethods, 'private_key_jwt'],
  },
  device: { expires_in: 300 },
  claims: {
    groups: absent,
    'urn:zitadel:iam:org:project:roles': { engineers: { '165461784216': 'example.zitadel.cloud' } },
  },
  noRefreshToken: true,
};
