// What the provider tells of itself: its discovery document (OpenID Connect Discovery 1.0 section 4), once. Here nothing is asked
// as anybody: no client id, no secret, no code. (Only the check provider-approval asks for a code: nothing else tells.)
import { fetchWhole } from '../adapters/oidc-transport.ts';
import { providerFault, type ProviderFault } from '../core/provider-fault.ts';

export interface Metadata {
  /** Undefined: it answered with a document. */
  readonly down?: ProviderFault;
  readonly document: Readonly<Record<string, unknown>>;
  /** The provider's clock against ours, milliseconds, as its header tells to the second; undefined where it does not. */
  readonly skewMs: number | undefined;
}

const answerMs = 5_000;

export async function readMetadata(issuer: string): Promise<Metadata> {
  try {
    const { json, skewMs } = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    return { document: json, skewMs };
  } catch (error) {
    return { down: providerFault(error), document: {}, skewMs: undefined };
  }
}

/** What openid-client takes; the second for key sets alone (RFC 7517 section 8.5). */
const jsonTypes = /^application\/(?:json|jwk-set\+json)\s*(?:;|$)/i;

/** @throws Error that carries the reason, as core/provider-fault.ts reads it. */
export async function readJson(
  url: string,
): Promise<{ json: Readonly<Record<string, unknown>>; skewMs: number | undefined }> {
  const response = await fetchWhole(url, {
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

/** A list of words in the document; undefined where it is not told. */
export function wordsIn(document: Metadata['document'], name: string): readonly string[] | undefined {
  const value = document[name];
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : undefined;
}

export function urlIn(document: Metadata['document'], name: string): string | undefined {
  const value = document[name];
  return typeof value === 'string' && URL.canParse(value) ? value : undefined;
}
