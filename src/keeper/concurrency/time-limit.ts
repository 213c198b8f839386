// The waits of start and stop: each is bounded and named, so that one thing that does not end (a process the kernel cannot kill, a
// disk that hangs) neither keeps the door shut for everybody nor the service from stopping.
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../adapters/log.ts';
import { second } from '../../core/time.ts';

type Says = Pick<Log, 'warn' | 'error'>;
const slowMs = 10 * second;

/**
 * Waits for a step, at most `limitMs`; then the log names it and it goes on by itself.
 * @throws what the step throws in time; what it throws later is logged.
 */
export async function within(log: Says, step: string, limitMs: number, work: Promise<unknown>): Promise<void> {
  let late = false;
  const failedLate = (error: unknown): void => {
    if (!late) throw error;
    log.error('step-failed', { step, error });
  };
  const stop = new AbortController();
  const limit = delay(limitMs, 'late', { signal: stop.signal }).catch(() => undefined);
  late = (await Promise.race([work.catch(failedLate).finally(() => stop.abort()), limit])) === 'late';
  if (late) log.error('step-not-awaited', { step, limitMs });
}

/** Waits for a step that nothing may go ahead of; while it takes long the log names it. @param slow milliseconds. */
export async function named<T>(log: Says, step: string, work: Promise<T>, slow = slowMs): Promise<T> {
  const timer = setInterval(() => log.warn('step-takes-long', { step }), slow);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
