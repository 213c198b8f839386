// Which scopes a client asks for.
//
// 1. A refresh token is what the re-checks live on, and most providers give one for the scope `offline_access` alone (OpenID Connect Core
//    1.0 section 11). It is asked for where the provider lists it, unless the policy names the scopes itself.
// 2. A provider that refuses the scope to this client must not break the sign-in: it is asked again without it. (In the code flow it says so in
//    the person's browser, so the next link is without it.)
import type { ServerMetadata } from 'openid-client';
import { openFallback, type Fallback } from './oidc-fallback.ts';

const offlineAccess = 'offline_access';

/** The scopes of one client. */
export interface Scopes {
  /** As OAuth writes them. @param server the provider's metadata */
  asked(server: ServerMetadata): string;
  /** From `offline_access` to none (rule 2). */
  readonly fallback: Fallback;
}

/** @param addsOffline whether rule 1 may add the scope. */
export function openScopes(scopes: readonly string[], addsOffline: boolean): Scopes {
  let isAdded = false;
  const fallback = openFallback('invalid_scope', () => isAdded);
  return {
    fallback,
    asked: ({ scopes_supported: listed = [] }) => {
      isAdded = addsOffline && !fallback.isTaken && listed.includes(offlineAccess);
      return [...scopes, ...(isAdded ? [offlineAccess] : [])].join(' ');
    },
  };
}
