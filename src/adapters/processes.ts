// What /proc tells about processes (proc(5)).
//
// 1. A pid alone names nobody: the kernel gives it to the next process. A pid with its start time names one process, and
//    only such a pair is ever signalled. Attack: a recorded pid that by now is somebody else's.
import { readFile } from 'node:fs/promises';
import { parseStat, type ProcessStat } from '../core/process-stat.ts';

/** Linux tells user space 100 ticks a second on every architecture (sysconf(_SC_CLK_TCK)). */
const tickMs = 10;

/** The major number of every pty that a devpts gives (Linux devices.txt, 136 char). */
const ptyMajor = 136;

/** The path of the pty with this device number, as ttyname(3) names it; undefined when it is no pty. */
export function ptyPath(device: number): string | undefined {
  // makedev(3): twelve bits of major between the two parts of the minor number.
  const [major, minor] = [(device >>> 8) & 0xfff, (device & 0xff) | ((device >>> 12) & 0xfff00)];
  return major === ptyMajor ? `/dev/pts/${minor}` : undefined;
}

/** A file of /proc/pid, or undefined when the process is gone. */
async function about(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined; // ENOENT before the open, ESRCH after it
  }
}

export async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await about(pid, 'stat');
  return text === undefined ? undefined : parseStat(text);
}

/** Clock ticks since boot; undefined when there is no such process. */
export async function startTimeOf(pid: number): Promise<number | undefined> {
  return (await statOf(pid))?.startTime;
}

/** The path of the pty that controls the process; undefined where there is none, or no such process. */
export async function terminalOf(pid: number): Promise<string | undefined> {
  const stat = await statOf(pid);
  return stat === undefined ? undefined : ptyPath(stat.terminal);
}

/** Rule 1. A zombie is nobody any more. */
export async function isSame(pid: number, startTime: number): Promise<boolean> {
  const stat = await statOf(pid);
  return stat?.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/**
 * Signals the process that was recorded, and no other. Between look and signal the pid would have to be freed and given
 * anew; Node knows no pidfd (pidfd_open(2)), so this is for courtesies: what must end, ends by cgroup.kill.
 * @returns whether it was still there.
 */
export async function killSame(pid: number, startTime: number, signal: NodeJS.Signals): Promise<boolean> {
  if (pid <= 1 || !(await isSame(pid, startTime))) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The effective uid: what the process may do. */
export async function uidOf(pid: number): Promise<number | undefined> {
  const uid = /^Uid:\t\d+\t(\d+)/m.exec((await about(pid, 'status')) ?? '')?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Milliseconds since boot, on the clock of start times. */
export async function uptimeMs(): Promise<number> {
  return Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000;
}

/** How long a process has run at `uptime` (milliseconds since boot): milliseconds. */
export function ageMs(startTime: number, uptime: number): number {
  return Math.max(0, Math.round(uptime - startTime * tickMs));
}
