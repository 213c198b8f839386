// A document that is made from the code: printed cells, and the two ways to run its script.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const cell = (text: string): string => text.replaceAll('|', '\\|');

/** A table as it stands in a document. Prettier leaves it alone, so that a longer row changes no other line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return ['<!-- prettier-ignore -->', ...lines, ''].join('\n');
}

/**
 * With `--write` the file is brought up to date. Without it the exit code is 1 when the file differs.
 * @param path from the project's top.
 */
export async function keep(path: string, text: string): Promise<void> {
  const target = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (process.argv.includes('--write')) return writeFile(target, text);
  if ((await readFile(target, 'utf8').catch(() => '')) === text) return;
  process.stderr.write(`${path} is not what the code says: run this again with --write\n`);
  process.exitCode = 1;
}
