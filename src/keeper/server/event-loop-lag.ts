// Measures how long one task keeps the keeper's event loop busy (law 12). Meanwhile nobody is cut, revoked or let in.
//
// 1. It measures and never stops anything. A long turn of the loop is logged with the verbs that were in work, so that its cause can be
//    found.
// 2. It is logged once, and again in the same minute only when a longer one follows. Attack: whoever makes turns long fills the log as
//    well.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Log } from '../../adapters/log.ts';
import { second } from '../../core/time.ts';

/** A turn of the loop that takes longer is logged (law 12). */
const longestTurnMs = 20;

/** Measures the event loop until it is closed. */
export interface LoopWatch {
  /** Counts a verb as in work while the task runs, so that a long turn can be logged with it. */
  during<T>(verb: string, task: () => Promise<T>): Promise<T>;
  /** The longest turn of this minute and the one before: milliseconds, beyond the resolution of the measurement. */
  longest(): number;
  close(): void;
}

const resolutionMs = 5;
const lookEveryMs = second;
const looksAMinute = 60;
const mostNamed = 20;

/** Starts to measure; the log gets a warning for each long turn (rule 2). */
export function openLoopWatch(log: Log): LoopWatch {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  const inWork = new Map<object, string>();
  const ended = new Set<string>();
  let [looks, before, told] = [0, 0, longestTurnMs];
  const longestNow = (): number => Math.max(0, Math.round(delays.max / 1e6 - resolutionMs));
  const look = (): void => {
    const ms = longestNow();
    // Rule 2.
    if (ms > told) {
      told = ms;
      log.warn('loop-turn-long', { ms, verbs: [...new Set([...inWork.values(), ...ended])].slice(0, mostNamed) });
    }
    ended.clear();
    looks += 1;
    if (looks % looksAMinute > 0) return;
    // A reset loses the sample that follows it, so it happens only once a minute.
    [before, told] = [ms, longestTurnMs];
    delays.reset();
  };
  delays.enable();
  const timer = setInterval(look, lookEveryMs).unref();
  return {
    during: async (verb, task) => {
      const mine = {};
      inWork.set(mine, verb);
      try {
        return await task();
      } finally {
        inWork.delete(mine);
        if (ended.size < mostNamed) ended.add(verb);
      }
    },
    longest: () => Math.max(before, longestNow()),
    close: () => {
      clearInterval(timer);
      delays.disable();
    },
  };
}
