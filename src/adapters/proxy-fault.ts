// Tells whether a request failed at the host's proxy. The errors of the proxy and of the server behind it have the same codes, and who
// looks for the fault at the provider does not find it.

/** What undici (fetch) and Node's agents throw: an error, whose cause may say more. */
interface Fault {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly statusCode?: unknown;
  readonly cause?: Fault | null;
}

const names = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];
const deepest = 5;

/**
 * A code such as `PROXY_ECONNREFUSED` or `PROXY_407`; undefined when it was not the proxy, or none is set.
 * @param error of `fetch` or of a request by `node:https`.
 * @param target the address that was asked for.
 */
export function proxyFault(error: unknown, target: string, environment = process.env): string | undefined {
  const proxies = names.flatMap((name) => URL.parse(environment[name] ?? '') ?? []);
  if (proxies.length === 0) return undefined;
  const { hostname, port } = placeOf(new URL(target));
  const others = proxies.map(placeOf).filter((proxy) => proxy.hostname !== hostname || proxy.port !== port);
  for (let fault = error as Fault | null | undefined, n = 0; fault != null && n < deepest; fault = fault.cause, n++) {
    const code = refusedTunnel(fault) ?? (others.some((proxy) => isAt(fault, proxy)) ? fault.code : undefined);
    if (typeof code === 'string') return `PROXY_${code}`;
  }
  return undefined;
}

interface Place {
  readonly hostname: string;
  readonly port: number;
}

const placeOf = ({ protocol, hostname, port }: URL): Place => ({
  hostname: hostname.replace(/^\[|\]$/g, ''),
  port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
});

/** The status with which a proxy refused a CONNECT: undici says it in its message, Node's agent in a field. */
function refusedTunnel({ code, message, statusCode }: Fault): string | undefined {
  if (code === 'ERR_PROXY_TUNNEL') return typeof statusCode === 'number' ? String(statusCode) : 'TUNNEL';
  return /^Proxy response \((\d{3})\)/.exec(String(message))?.[1];
}

/** Whether connect(2) or getaddrinfo(3) failed for this place. */
function isAt({ code, hostname, address, port }: Fault, place: Place): boolean {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return hostname === place.hostname;
  return port === place.port && address !== undefined;
}
