// Repeats in the store what this host announced there and another host must learn, for as long as it matters. Attack: whoever can write to
// Redis deletes it before the other host has read it (law 8). Revocations are repeated from disk instead (revoke.ts, rule 4).
import type { Log } from '../../adapters/log.ts';

/** Repeats announcements until they are over. */
export interface Reassert {
  /** @param until when it stops to matter: ms since the epoch. @param again checks the store, and announces it again if it is missing. */
  on(until: number, again: () => Promise<void>): void;
  /** Runs each once; the keeper calls it every few seconds. Never rejects. */
  turn(): Promise<void>;
}

/** More than a fleet's reviewers announce in half an hour; beyond this number the oldest is no longer repeated. */
const most = 500;

/** Nothing to repeat yet. */
export function openReassert(now: () => number, log: Log): Reassert {
  let open: readonly { readonly until: number; readonly again: () => Promise<void> }[] = [];
  return {
    on: (until, again) => (open = [...open, { until, again }].slice(-most)),
    turn: async () => {
      open = open.filter(({ until }) => until > now());
      for (const { again } of open) await again().catch((error: unknown) => log.warn('not-said-again', { error }));
    },
  };
}
