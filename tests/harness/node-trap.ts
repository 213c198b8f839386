// A module that Node loads if NODE_OPTIONS says so, and that writes the uid that ran it into a file.
import { writeFileSync } from 'node:fs';

/** Writes the module. Once loaded, it writes the uid into `sprung` of the folder. @returns the value for NODE_OPTIONS */
export function nodeTrap(folder: string): string {
  const path = `${folder}/trap.cjs`;
  const code = `require('fs').writeFileSync('${folder}/sprung', String(process.getuid()))`;
  writeFileSync(path, code, { mode: 0o644 });
  return `--require=${path}`;
}
