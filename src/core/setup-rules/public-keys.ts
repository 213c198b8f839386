// The public keys of a login, as somebody gave them: a `.pub` file, a line of text, or several lines as GitHub serves them.
//
// 1. What is not a public key of a known kind refuses the whole. Attack or accident: a private key, a web page, or options
//    (`command="..."`, `environment="..."`) in a file that sshd obeys (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
// 2. The blob must be of the kind that the line says (RFC 4253 section 6.6). Accident: a line that was cut when it was copied.
import { sanitizeLine } from '../text.ts';

/** A public key: its line as it is written for sshd, and what of it is shown. */
export interface PublicKey {
  readonly line: string;
  readonly kind: string;
  readonly comment: string;
}

const kinds =
  'ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com';
const keyLine = new RegExp(`^(${kinds})[ \\t]+([A-Za-z0-9+/]{40,}={0,2})(?:[ \\t]+(.*))?$`);
const mostKeys = 50;
const longest = 16 * 1024;

export type KeyProblem = 'private' | 'none' | 'too-many' | 'malformed' | 'options';

/** Reads public keys (rules 1 and 2); empty lines and lines with # are skipped. @returns the keys, or what is wrong with the text */
export function publicKeysIn(text: string): readonly PublicKey[] | KeyProblem {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) return 'private';
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) return 'none';
  if (lines.length > mostKeys) return 'too-many';
  const keys = lines.map(keyOf);
  const wrong = keys.find((key) => typeof key === 'string');
  return wrong ?? (keys as readonly PublicKey[]);
}

function keyOf(line: string): PublicKey | 'malformed' | 'options' {
  const [, kind = '', blob = '', said = ''] = keyLine.exec(line.slice(0, longest)) ?? [];
  if (kind === '') return new RegExp(`[\\s"](?:${kinds})\\s`).test(line) ? 'options' : 'malformed';
  if (!startsWithKind(blob, kind)) return 'malformed';
  const comment = sanitizeLine(said, 100);
  return { line: `${kind} ${blob}${comment === '' ? '' : ` ${comment}`}`, kind, comment };
}

/** Whether a blob begins with its kind as a string (RFC 4251 section 5): four bytes of length, then the text. */
function startsWithKind(blob: string, kind: string): boolean {
  const head = atob(blob.slice(0, Math.floor(blob.length / 4) * 4));
  return head.startsWith(`\0\0\0${String.fromCharCode(kind.length)}${kind}`);
}
