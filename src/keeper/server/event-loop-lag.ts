// How long the keeper's loop is busy with one thing (law 12): while it is, nobody is cut, revoked or let in.
//
// 1. It measures; it never stops anything. A long turn is named with the verbs that were in work, so that its cause is found.
// 2. Told once, and again in the same minute only when there was a longer one. Attack: whoever makes turns long fills the log as well.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Log } from '../../adapters/log.ts';
import { second } from '../../core/time.ts';

/** What a turn of the loop may take: milliseconds. */
const longestTurnMs = 20;

export interface LoopWatch {
  /** Counts a verb as in work while the task runs. */
  during<T>(verb: string, task: () => Promise<T>): Promise<T>;
  /** The longest turn of this minute and the one before: milliseconds, beyond the resolution of the measure. */
  longest(): number;
  close(): void;
}

const resolutionMs = 5;
const lookEveryMs = second;
const looksAMinute = 60;
const mostNamed = 20;

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
    // The sample after a reset is lost, so that there are few of them.
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
