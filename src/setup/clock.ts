// Time since boot, which nobody can set: as milliseconds, and as the clock ticks of proc(5).
import { readFileSync } from 'node:fs';

const tickMs = 10;

/** Milliseconds since boot (proc_uptime(5)), with the time that the host slept. */
export function sinceBootMs(): number {
  return Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000);
}

/** Clock ticks since boot, as a process's start time counts them. */
export const ticksNow = (): number => Math.ceil(sinceBootMs() / tickMs);

/** The kernel's id of this boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
