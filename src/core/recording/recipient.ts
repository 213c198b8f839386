// Recipients of encrypted recordings: age's X25519 public keys (C2SP age, "The X25519 recipient type"), as Bech32 (BIP 173) with the
// prefix `age`.
//
// 1. The checksum is verified. Accident: a letter is typed wrong, nobody has the identity to that key, and every recording is lost.
// 2. An identity is named as what it is. Accident: the secret key is put on the host whose recordings only others are to open.

const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
/** 32 bytes in groups of five bits, and the checksum. */
const form = new RegExp(`^age1[${letters}]{52}[${letters}]{6}$`);
const identityForm = /^\s*AGE-SECRET-KEY-/i;
const hybridForm = /^age1(?:pq|tag|tagpq)1/;

/** What is wrong with a recipient: it is a secret key, of a kind that is not taken, or none at all. */
export type RecipientFault = 'identity' | 'kind' | 'none';

/** Checks a recipient. @returns undefined when it is one */
export function recipientFault(text: string): RecipientFault | undefined {
  if (identityForm.test(text)) return 'identity';
  if (hybridForm.test(text)) return 'kind';
  return form.test(text) && isChecked(text) ? undefined : 'none';
}

/** Rule 1. The last character has four bits of the key's 256 that must be 0. */
function isChecked(text: string): boolean {
  const data = Array.from(text.slice('age1'.length), (letter) => letters.indexOf(letter));
  const prefix = Array.from('age', (letter) => letter.charCodeAt(0));
  const values = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data];
  return values.reduce(step, 1) === 1 && ((data[51] as number) & 0b1111) === 0;
}

/** BIP 173, `bech32_polymod`. */
function step(sum: number, value: number): number {
  const top = sum >>> 25;
  const next = ((sum & 0x1ffffff) << 5) ^ value;
  return generators.reduce((mixed, generator, bit) => (((top >>> bit) & 1) === 1 ? mixed ^ generator : mixed), next);
}
