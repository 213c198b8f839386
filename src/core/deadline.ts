// The end of a window, measured on two clocks (law 4; docs/design.md, "When something is gone": clock stepped, machine suspended).
//
// 1. The wall clock can be set back. The boot clock (CLOCK_BOOTTIME, which counts time suspended) does not follow a wall clock that is
//    corrected. Both are read and the earlier end wins. Attack: setting the clock back to lengthen a window.
// 2. A timer does not count time suspended, so nobody sleeps longer than `longestNap` (ms) before reading the clocks again.

/** Both clocks, read at the same moment. */
export interface Clocks {
  /** Instant: milliseconds since 1970 UTC. */
  readonly wall: number;
  /** Milliseconds since boot, suspend included. */
  readonly boot: number;
}

/** An end, on each of the two clocks. */
export interface Deadline {
  readonly wall: number;
  readonly boot: number;
}

/** The kernel gives the boot clock in 10 ms steps, rounded down; twice that is added, so that nobody is disconnected early. */
const bootGrain = 20;
const longestNap = 2_000;

/** The deadline for an end (instant, ms), computed from the clocks as they are now. */
export function deadlineAt(end: number, now: Clocks): Deadline {
  return { wall: end, boot: now.boot + (end - now.wall) + bootGrain };
}

/**
 * The deadline after the end of a window has moved: the boot clock's end moves by the same amount and is not computed anew. Attack: the
 * wall clock is set back, and then a message that only repeats the old end would lengthen the window.
 * @param end the new end: instant, ms.
 */
export function movedTo(end: number, deadline: Deadline): Deadline {
  return { wall: end, boot: deadline.boot + (end - deadline.wall) };
}

/** Milliseconds until the deadline; zero or less when it has passed on either clock. */
export function timeLeft(deadline: Deadline, now: Clocks): number {
  return Math.min(deadline.wall - now.wall, deadline.boot - now.boot);
}

/** How long to sleep before reading the clocks again: milliseconds, at least one (rule 2). @param left ms until the deadline */
export function nap(left: number): number {
  return Math.max(1, Math.min(Math.ceil(left), longestNap));
}
