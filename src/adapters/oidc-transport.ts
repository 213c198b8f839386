// Sends requests to the provider, and bounds what an answer can do to the keeper.
//
// 1. An answer is read to its end within the time limit, up to `bodyLimit` bytes. Attack: an endless body.
// 2. No redirect is followed (openid-client asks for 'manual'). Attack: a token request is sent on to another host.
// 3. Errors name the endpoint and the reason, never what was sent or answered (law 11).
import type { CustomFetchOptions } from 'openid-client';
import { standardAnswer, standardError } from './oidc-device-answer.ts';
import { askTrusting, type Answered, type Ask } from './oidc-tls.ts';
import { proxyFault } from './proxy-fault.ts';

const bodyLimit = 1024 * 1024;

/** The time limit of one request, in seconds. */
export const requestSeconds = 10;

/** The provider gave no usable answer: no connection, no end in time, or HTTP status 5xx or 429. Trying later may help. */
export class Unreachable extends TypeError {
  // It must be a TypeError, because openid-client passes on those unchanged.
  override readonly name = 'Unreachable';
  readonly url: string;
  /** Why, as core/provider-fault.ts reads it: an error code, or an HTTP status. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** Whether the provider may have acted on the request although no answer came. */
  readonly isLost: boolean;

  constructor(url: string, reason: string | number, isLost = false) {
    super(`${url}: ${typeof reason === 'number' ? `HTTP status ${reason}` : reason}`);
    this.url = url;
    this.code = typeof reason === 'string' ? reason : undefined;
    this.status = typeof reason === 'number' ? reason : undefined;
    this.isLost = isLost;
  }
}

/** A `fetch` as openid-client uses it (rules 1 to 3). @throws Unreachable; the signal's reason when it aborts, unless by a timeout. */
export type FetchWhole = (url: string, options: CustomFetchOptions) => Promise<Response>;

/** A `fetch` for the provider. @param ca CAs that may vouch for it beside those of the host, each as PEM */
export function openTransport(ca: readonly string[] | undefined): FetchWhole {
  const trusting = ca === undefined ? undefined : askTrusting(ca);
  return async (url, options) => fetchBy(url.startsWith('https:') ? (trusting ?? byFetch) : byFetch, url, options);
}

/** The `fetch` for a provider that the host trusts. */
export const fetchWhole: FetchWhole = openTransport(undefined);

const byFetch: Ask = async (url, asked) => fetch(url, asked as RequestInit);

async function fetchBy(ask: Ask, url: string, options: CustomFetchOptions): Promise<Response> {
  const place = withoutQuery(url);
  const answer = await answerOf(ask, url, options).catch((error: unknown) => {
    const { signal } = options;
    if (signal?.aborted === true && !isTimeout(signal.reason)) throw signal.reason;
    if (error instanceof Unreachable) throw error;
    const byProxy = proxyFault(error, url);
    const reason = byProxy ?? reasonOf(error);
    throw new Unreachable(place, reason, byProxy === undefined && !unsent.has(reason));
  });
  if (answer.status >= 500 || answer.status === 429) throw new Unreachable(place, answer.status);
  const text = answer.body.toString();
  const standard = standardAnswer(text);
  return new Response(standard === text ? bytesOf(answer.body) : standard, standardError(answer, text));
}

/** With these errors the request was never sent (connect(2), getaddrinfo(3); undici's own). */
const unsent: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

const bytesOf = (body: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> | null => (body.length === 0 ? null : body);

async function answerOf(
  ask: Ask,
  url: string,
  options: CustomFetchOptions,
): Promise<Pick<Answered, 'status' | 'headers'> & { readonly body: Buffer<ArrayBuffer> }> {
  const { status, headers, body } = await ask(url, options);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > bodyLimit) throw new Unreachable(withoutQuery(url), 'ANSWER_TOO_LONG', true);
    chunks.push(chunk);
  }
  return { status, headers, body: Buffer.concat(chunks) };
}

function isTimeout(reason: unknown): boolean {
  return (reason as { name?: unknown } | null)?.name === 'TimeoutError';
}

/** A system error code (ECONNREFUSED) where there is one, otherwise the error's name. Messages may quote what was sent. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { code?: unknown } | null };
  const reason = cause?.code ?? code;
  if (typeof reason === 'string') return reason;
  return typeof name === 'string' ? name : 'failed';
}

/** An address without its query, which may hold a code. */
export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** Waits for work, but rejects with the signal's reason as soon as it aborts: openid-client checks signals only every few seconds. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
