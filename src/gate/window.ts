// The gate's own deadline, one of the three enforcers of law 4. It needs only this process and its two clocks: neither keeper nor network.
import { uptime } from 'node:os';
import { deadlineAt, movedTo, nap, timeLeft, type Clocks, type Deadline } from '../core/deadline.ts';

/** Wall clock and CLOCK_BOOTTIME (proc_uptime(5)), both in milliseconds. */
export function readClocks(): Clocks {
  return { wall: Date.now(), boot: uptime() * 1000 };
}

/** How long before the end the person is warned: milliseconds. */
export const warnings = [600_000, 300_000, 60_000] as const;

/** The window of one connection. */
export interface Window {
  /** Moves the end: instant, milliseconds. */
  moveTo(end: number): void;
  /** Milliseconds until the end. */
  left(): number;
  stop(): void;
}

/** What is called as the window passes. `left`: milliseconds until the end. */
export interface WindowEvents {
  readonly warn: (left: number) => void;
  readonly over: () => void;
}

/** Starts the deadline. `over` is called at once if the end has passed. @param end instant, ms */
export function openWindow(end: number, events: WindowEvents): Window {
  let deadline: Deadline = deadlineAt(end, readClocks());
  let timer: NodeJS.Timeout | undefined;
  const left = (): number => timeLeft(deadline, readClocks());
  let unwarned = warnings.filter((before) => before < left());
  const look = (): void => {
    const remaining = left();
    if (remaining <= 0) return events.over();
    const due = unwarned.filter((before) => remaining <= before);
    unwarned = unwarned.filter((before) => remaining > before);
    if (due.length > 0) events.warn(remaining);
    const next = unwarned[0];
    timer = setTimeout(look, nap(next === undefined ? remaining : Math.min(remaining, remaining - next)));
  };
  look();
  return {
    left,
    stop: () => clearTimeout(timer),
    moveTo: (later) => {
      clearTimeout(timer);
      deadline = movedTo(later, deadline);
      unwarned = warnings.filter((before) => before < left());
      look();
    },
  };
}
