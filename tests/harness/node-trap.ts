// A trap for Node: a file that it loads when its environment says so, which leaves a mark with the uid that ran it.
import { writeFileSync } from 'node:fs';

/** @returns what NODE_OPTIONS must say. */
export function nodeTrap(folder: string): string {
  const path = `${folder}/trap.cjs`;
  const code = `require('fs').writeFileSync('${folder}/sprung', String(process.getuid()))`;
  writeFileSync(path, code, { mode: 0o644 });
  return `--require=${path}`;
}
