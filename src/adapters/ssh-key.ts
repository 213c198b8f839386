// The key that sshd accepted, by its fingerprint. Claimed, not proved: the login could rewrite the file that sshd leaves.
import { utils } from 'ssh2';
import { createHash } from 'node:crypto';

const authLine = /^publickey ([a-z0-9@.-]+ [A-Za-z0-9+/=]+)/m;

/**
 * SHA-256 of the key blob as ssh-keygen(1) prints it; empty when sshd named no key that parses.
 * @param auth what sshd wrote into the file that SSH_USER_AUTH names (sshd_config(5), ExposeAuthInfo).
 */
export function fingerprintOf(auth: string): string {
  const key = authLine.exec(auth)?.[1];
  const parsed = key === undefined ? undefined : utils.parseKey(key);
  if (parsed === undefined || parsed instanceof Error) return '';
  return `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}
