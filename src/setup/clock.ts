// Time since boot, which nobody can set: as milliseconds, and as the clock ticks of proc(5).
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

const tickMs = 10;

/** Milliseconds since boot (proc_uptime(5)), with the time that the host slept. */
export const sinceBootMs = (): number => Math.floor(uptime() * 1000);

/** Clock ticks since boot, as a process's start time counts them. */
export const ticksNow = (): number => Math.ceil(sinceBootMs() / tickMs);

/** The kernel's id of this boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
