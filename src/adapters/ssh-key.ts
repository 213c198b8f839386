// The fingerprint of the key that sshd accepted. It is a claim and no proof: the login could rewrite the file that sshd leaves.
//
// The bytes of the key are hashed, whatever its algorithm is. A library that did not know an algorithm would take every visit for another
// person. Of a certificate the key inside is hashed (OpenSSH, PROTOCOL.certkeys), because each certificate is new and the key is not.
import { createHash } from 'node:crypto';

const authLine = /^publickey [A-Za-z0-9@.-]+ ([A-Za-z0-9+/]+={0,2})(?:\s|$)/m;
const certificate = /^(.+)-cert-v01@openssh\.com$/;
/** How many fields of a certificate, after its name and nonce, are the key. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519': 2,
  'sk-ecdsa-sha2-nistp256': 3,
};

/**
 * The SHA-256 fingerprint of the key, as ssh-keygen(1) prints it; empty when sshd named no key.
 * @param auth the content of the file that SSH_USER_AUTH names (sshd_config(5), ExposeAuthInfo).
 */
export function fingerprintOf(auth: string): string {
  const blob = Buffer.from(authLine.exec(auth)?.[1] ?? '', 'base64');
  const fields = fieldsOf(blob);
  if (fields.length === 0) return '';
  return `SHA256:${createHash('sha256').update(keyOf(blob, fields)).digest('base64').replace(/=+$/, '')}`;
}

/** The strings of a key blob, up to the first malformed one (RFC 4251 section 5, "string"). */
function fieldsOf(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) break;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function keyOf(blob: Buffer, [name, , ...rest]: readonly Buffer[]): Buffer {
  const plain = certificate.exec(name?.toString('latin1') ?? '')?.[1];
  const count = plain === undefined ? undefined : keyFields[plain];
  if (plain === undefined || count === undefined) return blob;
  const type = plain.startsWith('sk-') ? `${plain}@openssh.com` : plain;
  return Buffer.concat([Buffer.from(type), ...rest.slice(0, count)].flatMap((field) => [lengthOf(field), field]));
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return length;
}
