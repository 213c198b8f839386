// Whether a reason matches the pattern of the policy, within bounded time.
//
// 1. Matching is stopped after a time limit, and the reason then counts as not matching (law 1). Attack: a pattern that looks harmless
//    ('^(\w+ ?)+$') backtracks without end over thirty letters; while the keeper matches, it ends no connection and answers nobody.
import { runInNewContext } from 'node:vm';

const limitMs = 50;
/**
 * The time limit is of the wall clock: on a busy host it passes while the keeper only waits for the processor. So there are several
 * tries.
 */
const tries = 5;

/** Whether the reason matches within the time limit; false also when the pattern is no regular expression. */
export function fitsInTime(pattern: string, reason: string): boolean {
  for (let left = tries; left > 0; left--) {
    const before = process.cpuUsage();
    try {
      return (
        runInNewContext('new RegExp(pattern, "u").test(reason)', { pattern, reason }, { timeout: limitMs }) === true
      );
    } catch {
      const { user } = process.cpuUsage(before);
      if (user >= (limitMs * 1000) / 2) return false; // the pattern itself was slow, not the host
    }
  }
  return false;
}
