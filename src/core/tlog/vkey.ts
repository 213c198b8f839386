// Keys of signed notes as text (C2SP signed-note, "Verifier keys"): `name+keyid+key`, which is how a witness tells its key.
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Sha256 } from './merkle.ts';
import { keyIdOf, signatureKinds, type NoteKey } from './note.ts';

const keyBytes = 32;
const lengthLimit = 512;
const kinds = Object.entries(signatureKinds) as readonly (readonly [NoteKey['kind'], number])[];

/** The first eight digits of the key id, and the bytes of kind and key. */
const hex = (bytes: string): string =>
  Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');

export function printVerifierKey(sha256: Sha256, key: NoteKey): string {
  const bytes = `${String.fromCharCode(signatureKinds[key.kind])}${key.publicKey}`;
  return `${key.name}+${hex(keyIdOf(sha256, key))}+${encodeBase64(bytes)}`;
}

/** Reads an Ed25519 key of a note or of a witness. @returns undefined when it is none, or when its id is of another key */
export function readVerifierKey(sha256: Sha256, text: string): NoteKey | undefined {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text) ?? [];
  if (text.length > lengthLimit || name === undefined || encoded === undefined) return undefined;
  const bytes = decodeBase64(encoded);
  const kind = kinds.find(([, byte]) => byte === bytes?.charCodeAt(0))?.[0];
  if (bytes?.length !== keyBytes + 1 || kind === undefined) return undefined;
  const key = { name, kind, publicKey: bytes.slice(1) };
  return hex(keyIdOf(sha256, key)) === id ? key : undefined;
}
