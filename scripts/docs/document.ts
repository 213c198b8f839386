// Generated documents: their tables, and the two ways to run their scripts.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Text for a cell of a Markdown table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|');

/** A Markdown table. Prettier ignores it, so that a longer row changes no other line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return ['<!-- prettier-ignore -->', ...lines, ''].join('\n');
}

/**
 * With `--write` on the command line, writes the file. Otherwise compares it, and sets the exit code to 1 when it differs.
 * @param path from the project's top.
 */
export async function keep(path: string, text: string): Promise<void> {
  const target = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (process.argv.includes('--write')) return writeFile(target, text);
  if ((await readFile(target, 'utf8').catch(() => '')) === text) return;
  process.stderr.write(`${path} is not what the code says: run this again with --write\n`);
  process.exitCode = 1;
}
