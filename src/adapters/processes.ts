// Reads /proc about processes (proc(5)).
//
// 1. A process is named by its pid and start time, and only such a pair is ever signalled. Attack or accident: the kernel has given a
//    recorded pid to another process.
import { readFile } from 'node:fs/promises';
import { parseStat, type ProcessStat } from '../core/process-stat.ts';

/** Linux reports 100 ticks a second on every architecture (sysconf(_SC_CLK_TCK)). In milliseconds. */
const tickMs = 10;

/** The major number of every pty of a devpts (Linux devices.txt, 136 char). */
const ptyMajor = 136;

/** The path of the pty with this device number, as ttyname(3) gives it; undefined when it is not a pty. */
export function ptyPath(device: number): string | undefined {
  // makedev(3): the twelve bits of the major number are between the two parts of the minor number.
  const [major, minor] = [(device >>> 8) & 0xfff, (device & 0xff) | ((device >>> 12) & 0xfff00)];
  return major === ptyMajor ? `/dev/pts/${minor}` : undefined;
}

/** The text of a file of /proc/PID; undefined when the process is gone. */
async function about(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined; // ENOENT before the open, ESRCH after it
  }
}

/** The facts of a process; undefined when there is none with this pid. */
export async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const text = await about(pid, 'stat');
  return text === undefined ? undefined : parseStat(text);
}

/** When a process started, in clock ticks since boot; undefined when there is no such process. */
export async function startTimeOf(pid: number): Promise<number | undefined> {
  return (await statOf(pid))?.startTime;
}

/** The path of the pty that controls a process; undefined where there is none, or no such process. */
export async function terminalOf(pid: number): Promise<string | undefined> {
  const stat = await statOf(pid);
  return stat === undefined ? undefined : ptyPath(stat.terminal);
}

/** Whether the process that was recorded still runs (rule 1). A zombie does not. */
export async function isSame(pid: number, startTime: number): Promise<boolean> {
  const stat = await statOf(pid);
  return stat?.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/**
 * Signals the process that was recorded. Between the check and the signal its pid could be given to another process, and Node has no
 * pidfd (pidfd_open(2)). So this is only for courtesies; what must end is ended by cgroup.kill.
 * @returns whether the process was still there.
 */
export async function killSame(pid: number, startTime: number, signal: NodeJS.Signals): Promise<boolean> {
  if (pid <= 1 || !(await isSame(pid, startTime))) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** The effective uid of a process; undefined when there is none with this pid. */
export async function uidOf(pid: number): Promise<number | undefined> {
  const uid = /^Uid:\t\d+\t(\d+)/m.exec((await about(pid, 'status')) ?? '')?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Milliseconds since boot, on the clock that start times use. */
export async function uptimeMs(): Promise<number> {
  return Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000;
}

/** How long a process has run, in milliseconds. @param startTime clock ticks since boot. @param uptime milliseconds since boot. */
export function ageMs(startTime: number, uptime: number): number {
  return Math.max(0, Math.round(uptime - startTime * tickMs));
}
