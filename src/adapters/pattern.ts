// Whether a reason fits its pattern, in bounded time.
//
// Attack: a pattern that looks harmless ('^(\w+ ?)+$') backtracks without end over thirty letters, and while the keeper
// matches it, it cuts nobody, revokes nothing and answers no one. What takes that long does not fit (law 1).
import { runInNewContext } from 'node:vm';

const limitMs = 50;
/** The limit is one of the wall clock: on a busy host it runs out while the keeper only waits for its turn. */
const tries = 5;

export function fitsInTime(pattern: string, reason: string): boolean {
  for (let left = tries; left > 0; left--) {
    const before = process.cpuUsage();
    try {
      return (
        runInNewContext('new RegExp(pattern, "u").test(reason)', { pattern, reason }, { timeout: limitMs }) === true
      );
    } catch {
      const { user } = process.cpuUsage(before);
      if (user >= (limitMs * 1000) / 2) return false; // its own doing
    }
  }
  return false;
}
