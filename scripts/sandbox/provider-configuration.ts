// The configuration of oidc-provider for the sandbox.
import type { Context, Grant } from 'oidc-provider';
import { type Mood, type PersonAccount, type ProviderSettings, secretClients } from './provider-messages.ts';
import { codePage, confirmPage, donePage, problemPage, refusedPage } from './provider-pages.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const HOUR = 3600;

/** Where the browser ends after a sign-in by a link; nothing listens there. */
const redirect = 'http://127.0.0.1:8400/';

// Device clients are public, since they cannot keep a secret (RFC 8628 5.6).
const client = (client_id: string, client_name = client_id) => ({
  client_id,
  client_name,
  token_endpoint_auth_method: 'none',
  grant_types: [DEVICE_GRANT, 'refresh_token'],
  response_types: [],
  redirect_uris: [],
  id_token_signed_response_alg: 'RS256',
});

const withSecret = ({ id, secret }: { readonly id: string; readonly secret: string }, method: string) => ({
  ...client(id),
  client_secret: secret,
  token_endpoint_auth_method: method,
});

/** May also use the code flow. (For `application_type: native` the library asks for the person's consent each time.) */
const byLinkToo = (device: ReturnType<typeof client>) => ({
  ...device,
  grant_types: [...device.grant_types, 'authorization_code'],
  response_types: ['code'],
  redirect_uris: [redirect],
});

const clientName = (ctx: Context): string => ctx.oidc.client.clientName ?? ctx.oidc.client.clientId;

/** Grants what the client asks for without asking the person, as company providers do. */
async function grantWhatIsAsked(ctx: Context): Promise<Grant> {
  const { client: asking, session, params, provider } = ctx.oidc;
  const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
  grant.addOIDCScope(params?.scope ?? 'openid');
  await grant.save();
  return grant;
}

const show = (ctx: Context, html: string) => {
  ctx.type = 'html';
  ctx.body = html;
};

/** Names of the library's errors (its helpers/re_render_errors.js) as sentences. */
const problems: Readonly<Record<string, string>> = {
  NotFoundError: 'There is no such code.',
  ExpiredError: 'This code has expired.',
  AlreadyUsedError: 'This code has been used.',
};

function askForCode(ctx: Context, form: string, _out: unknown, error?: Error): void {
  if (error?.name === 'AbortedError') return show(ctx, refusedPage());
  return show(ctx, codePage(form, error && (problems[error.name] ?? 'That code is not right.')));
}

const deviceFlow = {
  enabled: true,
  userCodeInputSource: askForCode,
  userCodeConfirmSource: (
    ctx: Context,
    form: string,
    ...[, , userCode]: [client: unknown, device: unknown, userCode: string]
  ) => show(ctx, confirmPage(clientName(ctx), userCode, form)),
  successSource: (ctx: Context) => show(ctx, donePage(clientName(ctx))),
};

const accountOf = (person: PersonAccount) => ({
  accountId: person.sub,
  claims: () => ({
    sub: person.sub,
    name: person.fullName,
    email: person.email,
    email_verified: true,
    groups: person.groups,
  }),
});

export function providerConfiguration(settings: ProviderSettings, mood: Mood): object {
  const enabled = (sub: string) =>
    settings.people.find((person) => person.sub === sub && !mood.disabled.has(person.username));
  return {
    clients: [
      byLinkToo(client('tmux-gate')),
      client('tmux-gate-approve', 'tmux-gate: APPROVE access'),
      client('other'),
      withSecret(secretClients.post, 'client_secret_post'),
      withSecret(secretClients.basic, 'client_secret_basic'),
    ],
    jwks: { keys: [settings.jwk] },
    cookies: { keys: [settings.cookieKey] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'], groups: ['groups'] },
    // The claims of the scopes are in the ID token, not only at the userinfo endpoint.
    conformIdTokenClaims: false,
    features: { deviceFlow, devInteractions: { enabled: false } },
    findAccount: (_ctx: unknown, sub: string) => {
      const person = enabled(sub);
      return person && accountOf(person);
    },
    loadExistingGrant: grantWhatIsAsked,
    issueRefreshToken: () => true,
    // Refresh tokens outlive the browser's session.
    expiresWithSession: () => false,
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    renderError: (ctx: Context, out: { error_description?: string; error: string }) =>
      show(ctx, problemPage(out.error_description ?? out.error)),
    ttl: {
      AccessToken: HOUR,
      IdToken: HOUR,
      RefreshToken: 24 * HOUR,
      Session: 24 * HOUR,
      Grant: 24 * HOUR,
      Interaction: HOUR,
      DeviceCode: () => mood.deviceTtl,
    },
  };
}
