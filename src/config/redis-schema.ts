// `redis` in the policy: where requests and grants are shared.
import * as z from 'zod';
import type { RedisPolicy } from '../core/policy-types.ts';
import { secretPath } from './credential.ts';
import { path, redisUrl } from './fields.ts';

const urlForm = redisUrl.meta({ description: 'A redis:, rediss: or unix: URL without a password.' });

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
  })
  .superRefine(({ url, ca_file, certificate_file, key_file }, context) => {
    const tell = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
    if ((certificate_file === undefined) !== (key_file === undefined))
      tell(certificate_file === undefined ? 'certificate_file' : 'key_file', pairProblem);
    if (url.startsWith('rediss:')) return;
    for (const [key, is] of Object.entries({ ca_file, certificate_file, key_file }))
      if (is !== undefined) tell(key, 'This is for TLS, and the URL has none; write it as rediss:.');
  });

const pairProblem = 'A client certificate needs both files; write certificate_file and key_file.';

/** `embedded`, a URL, or a URL with its files. */
export const redisSchema = z
  .union([z.literal('embedded'), urlForm, server])
  .prefault('embedded')
  .transform((raw): RedisPolicy => {
    if (raw === 'embedded') return { kind: 'embedded' };
    if (typeof raw === 'string') return { kind: 'url', url: raw };
    const {
      url,
      password_file: passwordFile,
      ca_file: caFile,
      certificate_file: certificateFile,
      key_file: keyFile,
    } = raw;
    const files = { passwordFile, caFile, certificateFile, keyFile };
    return { kind: 'url', url, ...Object.fromEntries(Object.entries(files).filter(([, file]) => file !== undefined)) };
  })
  .meta({
    description: 'Where requests and grants are shared: embedded for a single host, or the address of a Redis.',
  });
