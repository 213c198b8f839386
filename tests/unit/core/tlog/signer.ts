// Keys of logs and witnesses for tests, with Node's own Ed25519 (RFC 8032).
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  cosignatureBytes,
  cosignedMessage,
  keyIdOf,
  type Checks,
  type NoteKey,
  type SignatureLine,
} from '../../../../src/core/tlog/note.ts';

export const bytesOf = (buffer: Buffer): string => buffer.toString('latin1');
const bufferOf = (bytes: string): Buffer => Buffer.from(bytes, 'latin1');
const spki = Buffer.from('302a300506032b6570032100', 'hex'); // RFC 8410 section 4

export const checks: Checks = {
  sha256: (bytes) => createHash('sha256').update(bytes, 'latin1').digest('latin1'),
  utf8: (text) => bytesOf(Buffer.from(text, 'utf8')),
  verify: (publicKey, message, signature) => {
    const key = createPublicKey({ key: Buffer.concat([spki, bufferOf(publicKey)]), format: 'der', type: 'spki' });
    return verify(null, bufferOf(message), key, bufferOf(signature));
  },
};

export interface TestSigner {
  readonly key: NoteKey;
  /** 64 bytes over UTF-8 of a text. */
  sign(text: string): string;
  line(text: string): SignatureLine;
  /** @param time seconds since the epoch */
  cosign(text: string, time: number): SignatureLine;
}

export function newKey(name: string, kind: NoteKey['kind']): TestSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = bytesOf(publicKey.export({ type: 'spki', format: 'der' }).subarray(spki.length));
  const key: NoteKey = { name, kind, publicKey: raw };
  const keyId = keyIdOf(checks.sha256, key);
  const signed = (text: string): string => bytesOf(sign(null, Buffer.from(text, 'utf8'), privateKey));
  return {
    key,
    sign: signed,
    line: (text) => ({ name, keyId, signature: signed(text) }),
    cosign: (text, time) => ({
      ...{ name, keyId },
      signature: cosignatureBytes(time, signed(cosignedMessage(text, time))),
    }),
  };
}
