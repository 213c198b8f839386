// Whether a reason fits its pattern, in bounded time.
//
// Attack: a pattern that looks harmless ('^(\w+ ?)+$') backtracks without end over thirty letters, and while the keeper
// matches it, it cuts nobody, revokes nothing and answers no one. What takes that long does not fit (law 1).
import { runInNewContext } from 'node:vm';

const limitMs = 50;

export function fitsInTime(pattern: string, reason: string): boolean {
  try {
    return runInNewContext('new RegExp(pattern, "u").test(reason)', { pattern, reason }, { timeout: limitMs }) === true;
  } catch {
    return false;
  }
}
