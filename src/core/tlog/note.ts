// Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.
//
// 1. A key is its name and its key id, and the id covers name, kind and key. Attack: a signature of one kind or of another key is taken
//    for the one that is trusted.
// 2. A signature of a known key that does not verify refuses the whole note; signatures of unknown keys are passed over, and alone they
//    prove nothing.
// 3. There is one way to read a note: no control characters, one last empty line, base64 in its one spelling. Attack: two readers see
//    two texts.
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Sha256 } from './merkle.ts';

/** What a signature is of: the text itself (C2SP signed-note), or a checkpoint as a witness saw it (C2SP tlog-cosignature). */
export const signatureKinds = { note: 0x01, cosignature: 0x04 } as const;

/** An Ed25519 key that is trusted under a name. */
export interface NoteKey {
  /** Without spaces and plus signs; best a URL without its scheme. */
  readonly name: string;
  readonly kind: keyof typeof signatureKinds;
  /** 32 bytes (RFC 8032 section 5.1.5). */
  readonly publicKey: string;
}

export interface SignatureLine {
  readonly name: string;
  /** Four bytes. */
  readonly keyId: string;
  /** What follows the key id: for a note 64 bytes, for a cosignature eight of time before them. */
  readonly signature: string;
}

export interface Note {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** C2SP signed-note asks for 16 at least, of which one of ML-DSA-44 is some 3 kB. */
const signaturesLimit = 100;
const noteLimit = 512 * 1024;
const dash = '\u2014';
const keyIdBytes = 4;

/** Rule 1: the first four bytes of SHA-256(name, newline, kind, key). */
export function keyIdOf(sha256: Sha256, { name, kind, publicKey }: NoteKey): string {
  return sha256(`${name}\n${String.fromCharCode(signatureKinds[kind])}${publicKey}`).slice(0, keyIdBytes);
}

export function signatureLine({ name, keyId, signature }: SignatureLine): string {
  return `${dash} ${name} ${encodeBase64(keyId + signature)}\n`;
}

export function printNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(signatureLine).join('')}`;
}

/** Rule 3. @returns undefined when it is no signed note; what it says is to be believed only once a signature was checked. */
export function readNote(given: string): Note | undefined {
  if (given.length > noteLimit || /[\u0000-\u0009\u000b-\u001f]/.test(given)) return undefined;
  const split = given.lastIndexOf('\n\n');
  if (split < 0 || !given.endsWith('\n')) return undefined;
  const lines = given.slice(split + 2, -1).split('\n');
  if (lines.length > signaturesLimit) return undefined;
  const signatures = lines.map(readSignatureLine).filter((line) => line !== undefined);
  return signatures.length === lines.length ? { text: given.slice(0, split + 1), signatures } : undefined;
}

function readSignatureLine(line: string): SignatureLine | undefined {
  const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  if (name === undefined || encoded === undefined) return undefined;
  const bytes = decodeBase64(encoded);
  if (bytes === undefined || bytes.length <= keyIdBytes) return undefined;
  return { name, keyId: bytes.slice(0, keyIdBytes), signature: bytes.slice(keyIdBytes) };
}

/** Ed25519 (RFC 8032). @param message, signature bytes @param publicKey 32 bytes */
export type VerifyEd25519 = (publicKey: string, message: string, signature: string) => boolean;

export interface Checks {
  readonly sha256: Sha256;
  readonly verify: VerifyEd25519;
  /** UTF-8 of a text, as bytes. */
  readonly utf8: (text: string) => string;
}

/** A signature that was checked. */
export interface Signed {
  readonly key: NoteKey;
  /** When a witness saw the checkpoint: instant, milliseconds. Undefined for a signature of the note itself. */
  readonly at: number | undefined;
}

/** Rules 1 and 2. @returns whose signatures hold, one for each key at most; undefined when the note is to be refused. */
export function signersOf(checks: Checks, note: Note, keys: readonly NoteKey[]): readonly Signed[] | undefined {
  const signed: Signed[] = [];
  for (const line of note.signatures) {
    const key = keys.find((known) => known.name === line.name && keyIdOf(checks.sha256, known) === line.keyId);
    if (key === undefined) continue;
    const at = key.kind === 'note' ? signedNote(checks, note, line, key) : cosigned(checks, note, line, key);
    if (at === false) return undefined;
    if (!signed.some((other) => other.key === key)) signed.push({ key, at });
  }
  return signed.length === 0 ? undefined : signed;
}

function signedNote(checks: Checks, note: Note, { signature }: SignatureLine, key: NoteKey): undefined | false {
  return checks.verify(key.publicKey, checks.utf8(note.text), signature) ? undefined : false;
}

const timeBytes = 8;

function cosigned(checks: Checks, note: Note, { signature }: SignatureLine, key: NoteKey): number | false {
  const time = Array.from(signature.slice(0, timeBytes)).reduce((sum, byte) => sum * 256 + byte.charCodeAt(0), 0);
  const message = checks.utf8(cosignedMessage(note.text, time));
  return checks.verify(key.publicKey, message, signature.slice(timeBytes)) ? time * 1000 : false;
}

/** What a witness signs (C2SP tlog-cosignature, "Ed25519 signed message"). @param time seconds since the epoch */
export function cosignedMessage(text: string, time: number): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}

/** A cosignature as it stands behind the key id. @param time seconds since the epoch */
export function cosignatureBytes(time: number, signature: string): string {
  const bytes = Array.from({ length: timeBytes }, (_, at) => Math.floor(time / 256 ** (timeBytes - 1 - at)) % 256);
  return `${String.fromCharCode(...bytes)}${signature}`;
}
