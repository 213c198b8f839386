// The waits of the keeper's start and stop. Each is named in the log, so that an admin sees which step does not end (a process that the
// kernel cannot kill, a disk that hangs). Those that may be skipped are bounded as well, so that such a step blocks neither visits nor the
// stop of the service.
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../adapters/log.ts';
import { second } from '../../core/time.ts';

type Says = Pick<Log, 'warn' | 'error'>;
const slowMs = 10 * second;

/**
 * Waits for a step, at most `limitMs`. After that the log names the step, and it continues in the background.
 * @throws what the step throws in time; what it throws later is only logged
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

/** Waits for a step without a limit, because nothing may start before it has ended. The log names it every `slow` milliseconds. */
export async function named<T>(log: Says, step: string, work: Promise<T>, slow = slowMs): Promise<T> {
  const timer = setInterval(() => log.warn('step-takes-long', { step }), slow);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
