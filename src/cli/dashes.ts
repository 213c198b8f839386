/** Options whose value may begin with a dash: a fingerprint is base64url, and a reason is what somebody writes. */
const mayBegin = ['--fingerprint', '--reason'];

/** yargs takes what begins with a dash for an option, unless it is joined to its own: `--fingerprint=-x3...`. */
export function withDashes(words: readonly string[]): string[] {
  const [word, value, ...rest] = words;
  if (word === undefined) return [];
  if (value === undefined || !mayBegin.includes(word) || !/^-[^-]/.test(value))
    return [word, ...withDashes(words.slice(1))];
  return [`${word}=${value}`, ...withDashes(rest)];
}
