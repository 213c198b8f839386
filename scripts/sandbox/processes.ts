// What runs, as /proc tells it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseStat } from '../../src/core/process-stat.ts';

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined; // the process ended between two looks
  }
};

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);

/** Clock ticks since boot at which the process started (proc(5), stat field 22): with the pid it names one process. */
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

/** Processes that act, or could act, as one of these uids. */
export const ofUids = (uids: readonly number[]): number[] =>
  pids().filter((pid) => !isZombie(pid) && uidsOf(pid).some((uid) => uids.includes(uid)));

/** Processes whose program file lies (or lay) under a folder. */
export const runningFrom = (folder: string): number[] =>
  pids().filter((pid) => attempt(() => readlinkSync(`/proc/${pid}/exe`))?.startsWith(`${folder}/`) === true);

/** Kills until nothing is found any more: what was killed may have forked between the look and the blow. */
export async function killAll(find: () => number[]): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const found = find();
    if (found.length === 0) return;
    for (const pid of found) attempt(() => process.kill(pid, 'SIGKILL'));
    await delay(10); // death of a process that is not our child raises no event
  }
  throw new Error(`processes that do not die: ${find().join(' ')}`);
}
