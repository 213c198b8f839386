// A notifier whose receivers can be exchanged while notices are on their way.
//
// 1. What is queued for the receivers before goes on to them, for a minute at most. Accident: a reload during an incident loses the notices of
//    that incident.
// 2. A stop of the keeper waits for both, and drops what is left of both at the same moment.
import type { Notifier } from '../../adapters/notices/notify.ts';
import { minute } from '../../core/time.ts';

export interface ExchangedNotifier extends Notifier {
  /** From here on, notices go to the receivers of `next`. */
  use(next: Notifier): void;
}

const drainMs = minute;

export function openExchangedNotifier(first: Notifier): ExchangedNotifier {
  let current = first;
  const stop = new AbortController();
  const draining = new Set<Promise<void>>();
  return {
    send: (notice) => current.send(notice),
    use: (next) => {
      const rest = current.close(AbortSignal.any([stop.signal, AbortSignal.timeout(drainMs)]));
      draining.add(rest);
      void rest.finally(() => draining.delete(rest));
      current = next;
    },
    close: async (signal) => {
      const end = (): void => stop.abort();
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      await Promise.all([...draining, current.close(signal)]);
    },
  };
}
