// What a provider's answer to the link of a sign-in says of the client's registration, before anybody opens it in a browser.
//
// 1. A link is only called wrong where the provider says so: it shows its error page itself (RFC 6749 section 4.1.2.1, a redirect address
//    that is not registered), or sends the browser back with an error. A page to log in at, or the way to it, is right.
import { sanitizeLine } from '../text.ts';

/** The answer of the authorization endpoint. */
export interface LinkAnswer {
  readonly status: number;
  /** Where it sends the browser. */
  readonly location: string | null;
}

/** Why the provider does not take the link; undefined when it does (rule 1). */
export function linkFault({ status, location }: LinkAnswer): string | undefined {
  if (status >= 400) return `HTTP status ${status}`;
  if (location === null || !URL.canParse(location, 'https://provider.invalid')) return undefined;
  const { pathname, searchParams } = new URL(location, 'https://provider.invalid');
  const error = searchParams.get('error');
  if (error !== null && error !== 'login_required') return sanitizeLine(error, 64);
  return /\/error\b/.test(pathname) ? sanitizeLine(pathname, 64) : undefined;
}
