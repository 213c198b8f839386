// The mark of a sandbox: a file that says that a folder belongs to a sandbox, and what the sandbox made.
//
// 1. It is written before anything is made, so that what a crash leaves can be removed.
// 2. Nothing is removed that no mark (or, for accounts, no GECOS field) names. Accident: somebody else's group or account is removed.
// 3. A mark whose process is alive belongs to another run, and nothing of it is touched.
import { existsSync, readFileSync } from 'node:fs';
import { makeFolder, writeExact } from './files.ts';
import type { Layout } from './layout.ts';
import { startTime } from './processes.ts';

export interface Mark {
  readonly prefix: string;
  readonly pid: number;
  readonly started: number;
  /** The groups that the sandbox made; unlike accounts, groups have no field that could name the sandbox. */
  readonly groups: readonly string[];
}

/** Reads the mark; undefined when there is no sandbox. @throws Error when the folder exists without a mark */
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

/** @throws Error when the process that made this sandbox is alive (rule 3) */
export function refuseIfHeld(mark: Mark | undefined): void {
  if (mark === undefined || startTime(mark.pid) !== mark.started) return;
  const who = mark.pid === process.pid ? 'this process' : `process ${mark.pid}`;
  throw new Error(`sandbox ${mark.prefix} is in use by ${who}`);
}
