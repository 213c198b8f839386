// The certificate of a Redis that is reached by TLS. The keeper's own connection may be months old, and the certificate have been renewed
// since, so a new handshake is made, and nothing sent over it.
import { once } from 'node:events';
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { redisOptions, type RedisAddress } from './connect.ts';

/**
 * Looks at the certificate.
 * @param note is called with what was seen: not where there is no TLS, or where Redis does not answer, which is told elsewhere
 */
export async function lookAtRedisCertificate(
  address: RedisAddress,
  note: (place: string, certificate: PeerCertificate) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!address.url.startsWith('rediss:')) return;
  const options = await redisOptions(address).catch(() => undefined);
  if (options === undefined) return;
  const { host = '', port = 6379, tls } = options;
  const socket = connect({ ...(tls as ConnectionOptions), host, port });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    note(`${host}:${String(port)}`, socket.getPeerCertificate());
  } catch {
    // what was seen before stays
  } finally {
    socket.destroy();
  }
}
