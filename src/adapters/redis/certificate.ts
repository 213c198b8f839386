// The certificates of a Redis that is reached by TLS. The keeper's own connection may be months old, and the certificate have been renewed
// since, so a new handshake is made, and nothing sent over it. Of Sentinels and of a Cluster, that of each server that the policy names.
import { once } from 'node:events';
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { redisOptions } from './connect.ts';
import { endpointText, servernameOf, type Endpoint } from './endpoint.ts';
import { endpointsOf } from './place.ts';
import type { RedisAddress } from '../../core/policy-types.ts';

/**
 * Looks at the certificates.
 * @param note is called with what was seen: not where there is no TLS, or where a server does not answer, which is told elsewhere
 */
export async function lookAtRedisCertificate(
  address: RedisAddress,
  note: (place: string, certificate: PeerCertificate) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!address.url.startsWith('rediss:')) return;
  const options = await redisOptions(address).catch(() => undefined);
  if (options === undefined) return;
  const look = async (server: Endpoint): Promise<void> => {
    const certificate = await shownBy(server, options.tls as ConnectionOptions, signal);
    if (certificate !== undefined) note(endpointText(server), certificate);
  };
  await Promise.all(endpointsOf(address).map(look));
}

async function shownBy(
  server: Endpoint,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<PeerCertificate | undefined> {
  const socket = connect({ ...tls, ...server, ...servernameOf(server) });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    return socket.getPeerCertificate();
  } catch {
    return undefined; // what was seen before stays
  } finally {
    socket.destroy();
  }
}
