// An extension: a request of its own whose grant overlaps the one that it prolongs (docs/design.md, "The end of access").
//
// 1. The new end counts from the person's effective end at the deciding approval, and never lies further from that moment than the
//    policy's longest window (law 4). Attack: one window after another, each approved early, that add up to a day.
// 2. Only a live grant goes on: what has ended is asked for anew. Attack: an approval that comes late opens what was shut.
// 3. Break-glass is fixed: nobody chose its window, so nobody lengthens it.
import { second } from './time.ts';

/**
 * How much longer a window could be, as of now: milliseconds, in whole seconds.
 * @param end the effective end, instant, milliseconds.
 */
export function possibleMore(end: number, now: number, maxMs: number): number {
  return Math.max(0, Math.floor((now + maxMs - end) / second) * second);
}

/** Rule 1: by how much the window goes on; nothing when it is as long as it may be. */
export function grantedMore(askedMs: number, end: number, now: number, maxMs: number): number {
  return Math.min(askedMs, possibleMore(end, now, maxMs));
}
