// Checkpoints of the journal: how many records it has and the root of their Merkle tree, signed by the host (C2SP tlog-checkpoint).
//
// 1. A checkpoint counts only with a signature of the key that was asked for, and only for the log of that key's host. Attack: the
//    checkpoint of another host, or one that was signed with another key, vouches for an edited journal.
import { createPublicKey, hash, verify } from 'node:crypto';
import { printCheckpoint, readCheckpoint, type Checkpoint } from '../../core/tlog/checkpoint.ts';
import type { Sha256 } from '../../core/tlog/merkle.ts';
import { keyIdOf, printNote, readNote, signersOf, type Checks, type NoteKey } from '../../core/tlog/note.ts';
import type { TreeHead } from '../../core/tlog/verify.ts';
import { printVerifierKey as asText, readVerifierKey as fromText } from '../../core/tlog/vkey.ts';
import type { Keys } from '../keys.ts';

/** The file of the newest checkpoint, in the journal's folder. */
export const checkpointName = 'checkpoint';

/** SHA-256 (FIPS 180-4) of bytes, as bytes: both are strings of one character a byte (latin1). */
export const hashOf: Sha256 = (bytes) => {
  const { length } = bytes;
  if (length > room.length) return hash('sha256', Buffer.from(bytes, 'latin1'), 'latin1');
  room.write(bytes, 'latin1');
  return hash('sha256', (views[length] ??= room.subarray(0, length)), 'latin1');
};

/** Twice as fast as a new buffer for each hash, and so are its beginnings, by their length. */
const room = Buffer.alloc(4 * 1024);
const views = Array.from<Buffer | undefined>({ length: room.length + 1 });

/** What signed notes are checked with. */
export const noteChecks: Checks = {
  sha256: hashOf,
  utf8: (text) => Buffer.from(text).toString('latin1'),
  verify: (publicKey, message, signature) => {
    const [x, bytes] = [Buffer.from(publicKey, 'latin1'), Buffer.from(signature, 'latin1')];
    if (x.length !== 32 || bytes.length !== 64) return false;
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') } });
    return verify(null, Buffer.from(message, 'latin1'), key, bytes);
  },
};

/** The name of a host's log. */
export const originOf = (host: string): string => `tmux-gate/${host}`;

/** The key that signs the checkpoints of a host. @param publicKey 32 bytes */
export const logKeyOf = (host: string, publicKey: string): NoteKey => ({
  name: originOf(host),
  kind: 'note',
  publicKey,
});

/** The key with which a host cosigns the checkpoints of others. @param publicKey 32 bytes */
export const cosignerOf = (host: string, publicKey: string): NoteKey => ({
  ...logKeyOf(host, publicKey),
  kind: 'cosignature',
});

/** A key as one line of text: the verifier key of C2SP signed-note. */
export const printVerifierKey = (key: NoteKey): string => asText(hashOf, key);

/** @returns undefined for anything but a verifier key of Ed25519 whose id is its own */
export const readVerifierKey = (text: string): NoteKey | undefined => fromText(hashOf, text);

/** The checkpoint of a log that this host signs. @returns the text of a signed note */
export function signCheckpoint(keys: Pick<Keys, 'publicKey' | 'signNote'>, host: string, head: TreeHead): string {
  const text = printCheckpoint({ origin: originOf(host), ...head, extensions: [] });
  const key = logKeyOf(host, keys.publicKey() ?? '');
  const line = { name: key.name, keyId: keyIdOf(hashOf, key), signature: keys.signNote(text) };
  return printNote({ text, signatures: [line] });
}

/** @param note the text of a signed note @returns what it says; undefined where the key did not sign it (rule 1) */
export function openCheckpoint(note: string, key: NoteKey): Checkpoint | undefined {
  const read = readNote(note);
  if (read === undefined || signersOf(noteChecks, read, [key]) === undefined) return undefined;
  const checkpoint = readCheckpoint(read.text);
  return checkpoint?.origin === key.name ? checkpoint : undefined;
}
