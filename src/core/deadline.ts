// The end of a window, on two clocks (law 4; section 8, "clock stepped, VM suspended").
//
// 1. The wall clock alone could be set back; the boot clock (CLOCK_BOOTTIME, which counts a suspend) alone would not follow a
//    clock that was put right. Both are read and the earlier end wins. Attack: stepping the clock to lengthen a window.
// 2. A timer alone loses a suspend, so nobody sleeps longer than `longestNap` before comparing clocks again.

export interface Clocks {
  /** Instant: milliseconds since 1970 UTC. */
  readonly wall: number;
  /** Milliseconds since boot, suspend included. */
  readonly boot: number;
}

export interface Deadline {
  readonly wall: number;
  readonly boot: number;
}

/** The kernel tells the boot clock in hundredths of a second, rounded down: twice that, so that no one is cut early. */
const bootGrain = 20;
const longestNap = 2_000;

/** The deadline of an absolute end, set from the clocks as they are now. */
export function deadlineAt(end: number, now: Clocks): Deadline {
  return { wall: end, boot: now.boot + (end - now.wall) + bootGrain };
}

/**
 * The deadline of another end of the same window: the boot clock moves by as much as the end does. Attack: a wall clock that is set
 * back, and a word that only names the old end again.
 */
export function movedTo(end: number, deadline: Deadline): Deadline {
  return { wall: end, boot: deadline.boot + (end - deadline.wall) };
}

/** Milliseconds left; zero or less when it is over on either clock. */
export function timeLeft(deadline: Deadline, now: Clocks): number {
  return Math.min(deadline.wall - now.wall, deadline.boot - now.boot);
}

/** How long a timer may sleep before it must look at the clocks again: milliseconds, at least one. */
export function nap(left: number): number {
  return Math.max(1, Math.min(Math.ceil(left), longestNap));
}
