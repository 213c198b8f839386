import { setTimeout as delay } from 'node:timers/promises';

/**
 * Repeats `look` until its result is not undefined, null or false; for what no event reports.
 * @param what describes it in the error.
 * @throws Error after `timeoutMs`, and what `look` throws.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = 60_000,
): Promise<NonNullable<T>> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (performance.now() > until) throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
    await delay(25);
  }
}
