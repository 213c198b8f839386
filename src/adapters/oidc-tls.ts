// Requests to a provider whose certificate is vouched for by CAs of the policy (`oidc.ca_file`), beside those that the host trusts.
//
// 1. The CAs count for these requests alone. Attack: a CA that is good enough for the provider vouches for a webhook or a hook. (`fetch`
//    takes no CAs, and Node's default ones are those of the whole process.)
// 2. As with `fetch`, the host's proxy is used, and no redirect is followed.
import type { IncomingMessage } from 'node:http';
import { Agent, request as requestOverTls } from 'node:https';
import { getCACertificates } from 'node:tls';

/** What `fetch` and this file answer with. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What is sent. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export type Ask = (url: string, asked: Asked) => Promise<Answered>;

/** Asks servers that one of these CAs, or of the host's, vouches for. @param ca each as PEM */
export function askTrusting(ca: readonly string[]): Ask {
  const agent = new Agent({ ca: [...getCACertificates('default'), ...ca], keepAlive: false, ...proxied() });
  return async (url, { method, headers, body, signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asking = requestOverTls(url, { agent, method, headers, ...(signal === undefined ? {} : { signal }) });
    asking.once('response', resolve);
    asking.once('error', reject);
    asking.end(body instanceof URLSearchParams || typeof body === 'string' ? String(body) : undefined);
    const answer = await promise;
    return { status: answer.statusCode ?? 0, headers: headersOf(answer), body: answer };
  };
}

/** The proxy of the environment, where this program was started to use it (scripts/build.ts). */
function proxied(): { readonly proxyEnv?: NodeJS.ProcessEnv } {
  return process.execArgv.includes('--use-env-proxy') ? { proxyEnv: process.env } : {};
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  return headers;
}
