// Base64 with padding (RFC 4648 section 4) of bytes that are strings of one character a byte (latin1).
//
// 1. One spelling for each sequence of bytes. Attack: the bits of a last character that decode to nothing are changed, and a signed
//    file reads the same although it was edited.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map(Array.from(alphabet, (character, value) => [character, value]));

export function encodeBase64(bytes: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b, c] = [bytes.charCodeAt(at), bytes.charCodeAt(at + 1) || 0, bytes.charCodeAt(at + 2) || 0];
    const bits = a * 65_536 + b * 256 + c;
    const four = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63]).join('');
    const left = bytes.length - at;
    text += left >= 3 ? four : `${four.slice(0, left + 1)}${'='.repeat(3 - left)}`;
  }
  return text;
}

/** @returns undefined for what is not the one spelling of some bytes (rule 1). */
export function decodeBase64(text: string): string | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  let bytes = '';
  let bits = 0;
  let count = 0;
  for (const character of text.replace(/=+$/, '')) {
    bits = ((bits << 6) | (valueOf.get(character) as number)) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += String.fromCharCode((bits >> count) & 255);
    }
  }
  return encodeBase64(bytes) === text ? bytes : undefined;
}
