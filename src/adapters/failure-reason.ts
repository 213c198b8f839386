// Why something did not arrive, in a text that quotes no address (law 11).
import { proxyFault } from './proxy-fault.ts';

/**
 * A system error code where there is one, otherwise the error's name: messages may quote the address.
 * @param url what was asked for; then a fault of the host's proxy is told apart (`PROXY_...`).
 */
export function reasonOf(error: unknown, url?: string): string {
  const byProxy = url === undefined ? undefined : proxyFault(error, url);
  if (byProxy !== undefined) return withheld(byProxy);
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { code?: unknown } | null };
  const reason = cause?.code ?? code;
  if (typeof reason === 'string') return reason;
  return typeof name === 'string' ? name : 'failed';
}

/** Why a URL that was fetched did not answer, as a clause. @param url what was asked for */
export function whyUnreachable(error: unknown, url: string): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } | null };
  if (name === 'TimeoutError') return 'no answer in time';
  const byProxy = proxyFault(error, url);
  if (byProxy !== undefined) return withheld(byProxy);
  return typeof cause?.code === 'string' ? `it cannot be reached (${cause.code})` : 'it cannot be reached';
}

const withheld = (code: string): string => `the proxy of this host does not let it through (${code})`;
