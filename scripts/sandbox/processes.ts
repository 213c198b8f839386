// Finds and kills processes by /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseStat } from '../../src/core/process-stat.ts';

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined; // the process has ended
  }
};

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);

/** When a process started, in clock ticks since boot (proc(5), stat field 22); with the pid it identifies the process. */
export function startTime(pid: number): number | undefined {
  return parseStat(attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '')?.startTime;
}

const isZombie = (pid: number): boolean =>
  /^State:\tZ/m.test(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '');

/** Real, effective, saved and file-system uid. */
function uidsOf(pid: number): number[] {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  return (/^Uid:\t(.*)$/m.exec(status)?.[1] ?? '').split('\t').filter(Boolean).map(Number);
}

/** The processes that have, or can take, one of these uids. */
export const ofUids = (uids: readonly number[]): number[] =>
  pids().filter((pid) => !isZombie(pid) && uidsOf(pid).some((uid) => uids.includes(uid)));

/** The processes whose program file is, or was, under a folder. */
export const runningFrom = (folder: string): number[] =>
  pids().filter((pid) => attempt(() => readlinkSync(`/proc/${pid}/exe`))?.startsWith(`${folder}/`) === true);

/** Kills until nothing is found any more, since a process may fork before it is killed. @throws Error when some do not die */
export async function killAll(find: () => number[]): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const found = find();
    if (found.length === 0) return;
    for (const pid of found) attempt(() => process.kill(pid, 'SIGKILL'));
    await delay(10); // no event reports the death of a process that is not a child
  }
  throw new Error(`processes that do not die: ${find().join(' ')}`);
}
