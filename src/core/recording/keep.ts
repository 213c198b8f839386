// How long recordings are kept, and when the policy may purge one.
//
// 1. Only a recording whose session, end and file are known is purged by the policy, and none that is held. Accident: what nobody judged
//    is gone.
// 2. Nothing is purged while the clock cannot be trusted: it has to have run evenly for an hour. Accident: a host starts with a clock that
//    is a year ahead, and purges everything in its first minute.
import { hour, minute } from '../time.ts';

/** How long a recording is kept after its end: milliseconds. */
export type Keep = number | 'forever';

/** How long the recordings of a session are kept: as the session says, else as it is said for all, else for ever. */
export function keepOf(forAll: Keep | undefined, session: Keep | undefined): Keep {
  return session ?? forAll ?? 'forever';
}

/** Whether a recording that ended at this instant is to be purged at `now` (milliseconds). */
export function isPurgeDue(endedAt: number, keep: Keep, now: number): boolean {
  return keep !== 'forever' && now - endedAt >= keep;
}

/** The host's clock, and one that nobody can set: milliseconds. */
export interface TwoClocks {
  readonly wall: number;
  readonly monotonic: number;
}

const mostApart = minute;
const evenFor = hour;

/** Rule 2. `waits`: not for an hour yet. `moved`: the clock was set since then, so the hour begins anew. */
export function clockState(since: TwoClocks, now: TwoClocks): 'even' | 'waits' | 'moved' {
  const [wall, monotonic] = [now.wall - since.wall, now.monotonic - since.monotonic];
  if (Math.abs(wall - monotonic) > mostApart) return 'moved';
  return monotonic < evenFor ? 'waits' : 'even';
}
