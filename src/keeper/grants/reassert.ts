// What this host said on the board and another host has to hear, said again for as long as it matters: whoever can write to Redis
// can unsay it (law 8), and can no longer do so once.
import type { Log } from '../../adapters/log.ts';

export interface Reassert {
  /** @param again looks, and says it again where it is missing. */
  on(until: number, again: () => Promise<void>): void;
  /** Each once; called every few seconds. */
  turn(): Promise<void>;
}

/** More than a fleet's reviewers say in half an hour; beyond it the oldest is said no more. */
const most = 500;

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
