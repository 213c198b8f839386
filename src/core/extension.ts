// An extension: a request of its own whose grant overlaps the one that it extends (docs/design.md, "The end of access").
//
// 1. The new end counts from the person's effective end at the deciding approval, and is never later than `window.max` after that
//    approval (law 4). Attack: several extensions, each approved early, that add up to a day.
// 2. Only a live grant is extended; after its end a new request is needed. Attack: a late approval gives access again after its end.
// 3. A break-glass grant is not extended: its length is fixed by the policy, and nobody approved it.
import { second } from './time.ts';

/**
 * By how much a window that is approved now can be extended: milliseconds, a multiple of 1000.
 * @param end the effective end: instant, ms.
 */
export function possibleMore(end: number, now: number, maxMs: number): number {
  return Math.max(0, Math.floor((now + maxMs - end) / second) * second);
}

/** By how many milliseconds the window is extended, at most as asked; zero when it is as long as it may be (rule 1). */
export function grantedMore(askedMs: number, end: number, now: number, maxMs: number): number {
  return Math.min(askedMs, possibleMore(end, now, maxMs));
}
