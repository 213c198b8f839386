// The mark that says: this is ours, and this is what we made.
//
// 1. Written before anything is made, so that a crash at any point leaves enough to clean up.
// 2. Nothing is removed that is not named by a mark (or, for accounts, by their GECOS field).
// 3. A mark whose process lives is another run's: hands off.
import { existsSync, readFileSync } from 'node:fs';
import { makeFolder, writeExact } from './files.ts';
import type { Layout } from './layout.ts';
import { startTime } from './processes.ts';

export interface Mark {
  readonly prefix: string;
  readonly pid: number;
  readonly started: number;
  /** Groups that did not exist before and that have no field to carry a mark of their own. */
  readonly groups: readonly string[];
}

/** @throws when the folder exists and is not ours. */
export function readMark(layout: Layout): Mark | undefined {
  if (!existsSync(layout.root)) return undefined;
  if (!existsSync(layout.mark)) {
    throw new Error(`${layout.root} exists and is not a sandbox of ours: move it away or choose another prefix`);
  }
  return JSON.parse(readFileSync(layout.mark, 'utf8')) as Mark;
}

export function writeMark(layout: Layout, groups: readonly string[]): void {
  const mark: Mark = { prefix: layout.prefix, pid: process.pid, started: startTime(process.pid) ?? 0, groups };
  makeFolder(layout.root, 0o755);
  writeExact(layout.mark, JSON.stringify(mark), 0o600);
}

/** @throws when another live process holds this sandbox. */
export function refuseIfHeld(mark: Mark | undefined): void {
  if (mark === undefined || startTime(mark.pid) !== mark.started) return;
  const who = mark.pid === process.pid ? 'this process' : `process ${mark.pid}`;
  throw new Error(`sandbox ${mark.prefix} is in use by ${who}`);
}
