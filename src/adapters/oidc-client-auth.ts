// How a client shows its secret to the provider: in the body of a request (client_secret_post) or as HTTP Basic (RFC 6749 section 2.3.1).
//
// 1. `oidc.client_authentication` decides, then what the metadata list. Metadata that list nothing mean Basic (RFC 8414 section 2).
// 2. Where both are listed, the body comes first: the device endpoint of Dex, and Google's examples, know no other; and in the body the
//    secret is as it is, while some providers do not undo the percent-encoding of Basic. A provider that knows the client by Basic alone
//    says so at once (`invalid_client`), and is then asked by Basic. A wrong secret is thus sent twice, to the same provider.
import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from 'openid-client';
import type { ClientAuthenticationWay } from '../core/policy-types.ts';
import { openFallback, type Fallback } from './oidc-fallback.ts';

/** How one client is authenticated, at every endpoint. */
export interface ClientAuthentication {
  /** For openid-client; undefined for a public client. */
  readonly auth: ClientAuth | undefined;
  /** From the body to Basic (rule 2). */
  readonly fallback: Fallback;
}

/** @param forced `oidc.client_authentication` */
export function openClientAuthentication(
  secret: string | undefined,
  forced: ClientAuthenticationWay | undefined,
): ClientAuthentication {
  let areBothListed = false;
  const fallback = openFallback('invalid_client', () => forced === undefined && areBothListed);
  if (secret === undefined) return { auth: undefined, fallback };
  const ways = { basic: ClientSecretBasic(secret), post: ClientSecretPost(secret) };
  return {
    fallback,
    auth: (server, ...request) => {
      const listed = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      const isPost = listed.includes('client_secret_post');
      areBothListed = isPost && listed.includes('client_secret_basic');
      ways[forced ?? (isPost && !fallback.isTaken ? 'post' : 'basic')](server, ...request);
    },
  };
}
