/**
 * Options whose value may begin with a dash, and what such a value looks like: a fingerprint is 43 characters of base64url (RFC 7638 section 3.1), which may
 * begin with two dashes; a reason is what somebody writes.
 */
const dashed: Readonly<Record<string, RegExp>> = { '--fingerprint': /^-[\w-]{42}$|^-[^-]/, '--reason': /^-[^-]/ };

/** yargs takes what begins with a dash for an option, unless it is joined to its own: `--fingerprint=-x3...`. */
export function withDashes(words: readonly string[]): string[] {
  const [word, value, ...rest] = words;
  if (word === undefined) return [];
  const looks = Object.hasOwn(dashed, word) ? dashed[word] : undefined;
  if (value === undefined || looks?.test(value) !== true) return [word, ...withDashes(words.slice(1))];
  return [`${word}=${value}`, ...withDashes(rest)];
}
