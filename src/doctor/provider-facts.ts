// Reads the provider's discovery document once (OpenID Connect Discovery 1.0 section 4), without a client id, a secret or a code. (Only
// the checks provider-code and provider-approval ask for a code, because no document tells what they check.)
import { fetchWhole, type FetchWhole } from '../adapters/oidc-transport.ts';
import { providerFault, type ProviderFault } from '../core/provider-fault.ts';

/** What the provider reports about itself. */
export interface Metadata {
  /** Why no document could be read; undefined when one was. */
  readonly down?: ProviderFault;
  readonly document: Readonly<Record<string, unknown>>;
  /** The provider's clock minus ours in milliseconds, from its Date header, exact to the second; undefined when it sends none. */
  readonly skewMs: number | undefined;
}

const answerMs = 5_000;

/** Reads the document of an issuer. Never rejects. @param fetch for a provider that CAs of the policy vouch for */
export async function readMetadata(issuer: string, fetch: FetchWhole = fetchWhole): Promise<Metadata> {
  try {
    const { json, skewMs } = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, fetch);
    return { document: json, skewMs };
  } catch (error) {
    return { down: providerFault(error), document: {}, skewMs: undefined };
  }
}

/** The media types that openid-client accepts; the second only for key sets (RFC 7517 section 8.5). */
const jsonTypes = /^application\/(?:json|jwk-set\+json)\s*(?:;|$)/i;

/** Fetches a JSON object. @throws Error with the reason in it, as core/provider-fault.ts reads it. */
export async function readJson(
  url: string,
  fetch: FetchWhole = fetchWhole,
): Promise<{ json: Readonly<Record<string, unknown>>; skewMs: number | undefined }> {
  const response = await fetch(url, {
    ...{ method: 'GET', headers: { accept: 'application/json' }, body: undefined, redirect: 'manual' },
    signal: AbortSignal.timeout(answerMs),
  });
  const now = Date.now();
  const { status, headers } = response;
  if (status !== 200) throw new Error(`${url}: HTTP status ${status}`, { cause: { status } });
  const isJson = jsonTypes.test(headers.get('content-type') ?? '');
  const json: unknown = isJson ? await response.json().catch(() => undefined) : undefined;
  if (json === undefined) throw new Error(`${url}: no JSON`, { cause: { code: 'OAUTH_RESPONSE_IS_NOT_JSON' } });
  if (typeof json !== 'object' || json === null)
    throw new Error(`${url}: no document`, { cause: { code: 'OAUTH_INVALID_RESPONSE' } });
  const date = Date.parse(headers.get('date') ?? '');
  return { json: json as Record<string, unknown>, skewMs: Number.isNaN(date) ? undefined : date - now };
}

/** A list of texts in the document; undefined where it is missing. */
export function wordsIn(document: Metadata['document'], name: string): readonly string[] | undefined {
  const value = document[name];
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : undefined;
}

/** A URL in the document; undefined where it is missing or malformed. */
export function urlIn(document: Metadata['document'], name: string): string | undefined {
  const value = document[name];
  return typeof value === 'string' && URL.canParse(value) ? value : undefined;
}
