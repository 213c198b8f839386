// `redis` in the policy: where requests and grants are shared.
import * as z from 'zod';
import type { RedisPolicy } from '../core/policy-types.ts';
import { secretPath } from './credential.ts';
import { endpoint, path, redisUrl } from './fields.ts';

const urlForm = redisUrl.meta({ description: 'A redis:, rediss: or unix: URL without a password.' });

const pairProblem = 'A client certificate needs both files; write certificate_file and key_file.';
const userProblem = 'This is not the name of a user; write 1 to 128 characters.';
const servers = z.array(endpoint).min(1).max(32, 'Write 32 addresses at most.');

const server = z
  .strictObject({
    url: urlForm,
    password_file: secretPath
      .optional()
      .meta({ description: 'The file with the password, owned by root and readable by nobody else.' }),
    ca_file: path.optional().meta({
      description:
        'A PEM file, owned by root, with the CAs that may vouch for Redis (rediss:) in the place of those that the host trusts.',
    }),
    certificate_file: path.optional().meta({
      description: 'A PEM file with the certificate that this host shows to Redis (rediss:); needs key_file.',
    }),
    key_file: secretPath
      .optional()
      .meta({ description: 'The private key of certificate_file, owned by root and readable by nobody else.' }),
    sentinels: servers.optional().meta({
      description:
        'The Sentinels, as host or host:port (26379), that say which server is the primary; the host in url is the name that they give it.',
    }),
    sentinel_user: z
      .string()
      .min(1, userProblem)
      .max(128, userProblem)
      .optional()
      .meta({ description: 'The user that the Sentinels know; without it, their default user.' }),
    sentinel_password_file: secretPath
      .optional()
      .meta({ description: 'The file with the password that the Sentinels ask for; safe like password_file.' }),
    cluster: servers.optional().meta({
      description: 'More servers of a Redis Cluster, as host or host:port (6379), beside the one in url.',
    }),
  })
  .superRefine((server, context) => {
    const tell = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
    checkTls(server, tell);
    checkServers(server, tell);
  });

type Server = Readonly<Partial<Record<string, unknown>>> & { readonly url: string };
type Tell = (key: string, message: string) => void;

function checkTls({ url, ca_file, certificate_file, key_file }: Server, tell: Tell): void {
  if ((certificate_file === undefined) !== (key_file === undefined))
    tell(certificate_file === undefined ? 'certificate_file' : 'key_file', pairProblem);
  if (url.startsWith('rediss:')) return;
  for (const [key, is] of Object.entries({ ca_file, certificate_file, key_file }))
    if (is !== undefined) tell(key, 'This is for TLS, and the URL has none; write it as rediss:.');
}

function checkServers({ url, sentinels, cluster, sentinel_user, sentinel_password_file }: Server, tell: Tell): void {
  if (sentinels === undefined) {
    for (const [key, is] of Object.entries({ sentinel_user, sentinel_password_file }))
      if (is !== undefined) tell(key, 'This is for Sentinels; write their addresses as sentinels.');
  } else if (cluster !== undefined) tell('cluster', 'A Cluster has no Sentinels; write sentinels or cluster.');
  else if (URL.parse(url)?.port !== '')
    tell('url', 'The Sentinels say the port; write the name of the primary alone, such as redis://tmux-gate@mymaster.');
  const one = sentinels === undefined ? 'cluster' : 'sentinels';
  if ((sentinels ?? cluster) === undefined) return;
  if (url.startsWith('unix:')) tell(one, 'This needs a redis: or rediss: URL.');
  if (cluster !== undefined && !/^\/?0?$/.test(URL.parse(url)?.pathname ?? ''))
    tell('url', 'A Cluster has database 0 only; leave the number out.');
}

/** `embedded`, a URL, or a URL with its files. */
export const redisSchema = z
  .union([z.literal('embedded'), urlForm, server])
  .prefault('embedded')
  .transform((raw): RedisPolicy => {
    if (raw === 'embedded') return { kind: 'embedded' };
    if (typeof raw === 'string') return { kind: 'url', url: raw };
    const optional = {
      passwordFile: raw.password_file,
      caFile: raw.ca_file,
      certificateFile: raw.certificate_file,
      keyFile: raw.key_file,
      sentinels: raw.sentinels,
      sentinelUser: raw.sentinel_user,
      sentinelPasswordFile: raw.sentinel_password_file,
      cluster: raw.cluster,
    };
    const given = Object.fromEntries(Object.entries(optional).filter(([, is]) => is !== undefined));
    return { kind: 'url', url: raw.url, ...given };
  })
  .meta({
    description: 'Where requests and grants are shared: embedded for a single host, or the address of a Redis.',
  });
