// Files that are lists of names, one a line, such as /etc/cron.deny: what is added, and what is taken out again.

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** The text with these lines at its end, where they are missing. */
export function withLines(text: string, lines: readonly string[]): string {
  const known = linesOf(text).map((line) => line.trim());
  const missing = lines.filter((line) => !known.includes(line));
  if (missing.length === 0) return text;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`;
}

/** The text without these lines; every other byte stays. */
export function withoutLines(text: string, lines: readonly string[]): string {
  return text
    .split('\n')
    .filter((line) => !lines.includes(line.trim()))
    .join('\n');
}
