// Where commands go: to a server, to the primary that a Sentinel set names, or to the server of a Cluster that has our keys.
//
// 1. A password is read from its file, and TLS checks the certificate against the name or address that the connection is made to.
// 2. Of several servers only a primary is used: what a replica holds may be seconds old (threat H9).
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { RedisOptions } from 'ioredis';
import type { RedisAddress } from '../../core/policy-types.ts';
import { clusterConnector } from './cluster.ts';
import { endpointOf, servernameOf, type Endpoint } from './endpoint.ts';

const ports = { redis: 6379, sentinel: 26_379 } as const;

/** Whether what is written is copied to other servers, one of which may take the place of the primary. */
export const isReplicated = ({ sentinels, cluster }: RedisAddress): boolean =>
  sentinels !== undefined || cluster !== undefined;

/** The servers that the policy names and that show a certificate of their own (`rediss:`). */
export function endpointsOf({ url, sentinels, cluster }: RedisAddress): readonly Endpoint[] {
  if (sentinels !== undefined) return sentinels.map((text) => endpointOf(text, ports.sentinel));
  const { hostname, port } = new URL(url);
  const first = endpointOf(`${hostname}:${port === '' ? String(ports.redis) : port}`, ports.redis);
  return [first, ...(cluster ?? []).map((text) => endpointOf(text, ports.redis))];
}

/** What a connection needs to reach the place. @throws Error when one of the files cannot be read, or the URL has another scheme. */
export async function placeOf(address: RedisAddress): Promise<RedisOptions> {
  const url = new URL(address.url);
  const password = await passwordIn(address);
  if (url.protocol === 'unix:') return { path: decodeURIComponent(url.pathname), ...password };
  if (!['redis:', 'rediss:'].includes(url.protocol)) throw new Error('a Redis URL is unix:, redis: or rediss:');
  const username = url.username === '' ? {} : { username: decodeURIComponent(url.username) };
  const known = { ...username, ...password, db: Number(url.pathname.slice(1)) };
  const tls = url.protocol === 'rediss:' ? await readTls(address) : undefined;
  if (address.sentinels !== undefined) return { ...known, ...(await sentinelsOf(address, url.hostname, tls)) };
  const servers = endpointsOf(address);
  if (address.cluster !== undefined)
    return { ...known, ...(tls === undefined ? {} : { tls }), Connector: clusterConnector(servers) };
  const [server = { host: '', port: 0 }] = servers;
  return { ...known, ...server, ...(tls === undefined ? {} : { tls: { ...tls, ...servernameOf(server) } }) };
}

/** The connector of ioredis asks the Sentinels, refuses a server that is no primary, and leaves one when they say that another took over. */
async function sentinelsOf(address: RedisAddress, name: string, tls?: ConnectionOptions): Promise<RedisOptions> {
  const { sentinelUser, sentinelPasswordFile: file } = address;
  return {
    sentinels: endpointsOf(address).map(({ host, port }) => ({ host, port })),
    name,
    role: 'master',
    failoverDetector: true,
    ...(sentinelUser === undefined ? {} : { sentinelUsername: sentinelUser }),
    ...(file === undefined ? {} : { sentinelPassword: await readPassword(file) }),
    ...(tls === undefined ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

/** Rule 1. Without a `servername`, the name or address that the connection is made to is checked (tls.connect). */
async function readTls({ caFile, certificateFile, keyFile }: RedisAddress): Promise<ConnectionOptions> {
  const read = async (path?: string): Promise<string | undefined> =>
    path === undefined ? undefined : readFile(path, 'latin1');
  const [ca, cert, key] = await Promise.all([caFile, certificateFile, keyFile].map(read));
  const shown = cert === undefined ? {} : { cert, key: key ?? '' };
  return { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }), ...shown };
}

async function passwordIn({ passwordFile: file }: RedisAddress): Promise<{ readonly password?: string }> {
  return file === undefined ? {} : { password: await readPassword(file) };
}

async function readPassword(path: string): Promise<string> {
  const [password = ''] = (await readFile(path, 'utf8')).split('\n', 1);
  if (password === '') throw new Error(`${path} holds no password`);
  return password;
}
