import { isIP } from 'node:net';

/** A host name or address, and a TCP port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Splits `host`, `host:port`, `[::1]` or `[::1]:port`. @param usual the port where none is given */
export function endpointOf(text: string, usual: number): Endpoint {
  const [, bracketed, plain = '', port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain, port: port === undefined ? usual : Number(port) };
}

/** As it is shown. */
export const endpointText = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

/** What a TLS client tells a server of several names (SNI, RFC 6066 section 3: a host name, never an address). */
export const servernameOf = ({ host }: Endpoint): { readonly servername?: string } =>
  isIP(host) === 0 ? { servername: host } : {};
