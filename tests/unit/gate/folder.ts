// A folder for one test file, gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs';

export interface Folder extends Disposable {
  readonly path: string;
}

export function temporary(): Folder {
  const path = mkdtempSync('/tmp/tmux-gate-test-');
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
