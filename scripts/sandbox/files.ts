// Makes folders and files with exactly the given mode, whatever the umask.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';

export function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}

export function writeExact(path: string, text: string, mode: number): void {
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}
