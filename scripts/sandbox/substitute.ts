// Adapts a shipped file to a sandbox.

/** Replaces every occurrence of each key. @throws Error when a key does not occur, since the shipped file has changed then */
export function replaceIn(text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`nothing to replace: ${from}`);
    result = result.replaceAll(from, () => to);
  }
  return result;
}
