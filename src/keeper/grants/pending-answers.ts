// The conversations on this host that wait for the answer to a request. An answer comes when the request is settled here, or ends.
import type { RefusalCode } from '../../core/refusals.ts';
import type { RequestFacts } from '../../core/request.ts';

/** How a request ended. */
export type Answer =
  /** `said`: who approved, for how long and why, one line each. */
  | { readonly state: 'approved'; readonly said: readonly string[] }
  | { readonly state: 'denied'; readonly by: string; readonly reason: string }
  /** Approved, but it could not be granted any more (lapse.ts). */
  | { readonly state: 'lapsed'; readonly code: RefusalCode }
  | { readonly state: 'unanswered' }
  /** By its own person, from another terminal. */
  | { readonly state: 'withdrawn' };

/** Passes answers to the conversations that wait. */
export interface PendingAnswers {
  /** Resolves with the answer; with `unanswered` when the request's time is over or the signal aborts. */
  of(facts: RequestFacts, signal: AbortSignal): Promise<Answer>;
  /** Gives the answer to everybody who waits for it, and keeps it for `given`. */
  give(request: string, answer: Answer): void;
  /** Calls `hear` for each answer. There is one listener. */
  onGive(hear: (request: string, answer: Answer) => void): void;
  /** A recent answer, for a gate that was away when it was given; undefined when there is none. */
  given(request: string): Answer | undefined;
}

/** Answers that are kept: more than the gates that come back after a restart. */
const mostGiven = 500;

/** Nobody waits yet. */
export function openPendingAnswers(now: () => number): PendingAnswers {
  const given = new Map<string, Answer>();
  const waiting = new Map<string, Set<(answer: Answer) => void>>();
  let heard: (request: string, answer: Answer) => void = () => undefined;
  return {
    give: (request, answer) => {
      waiting.get(request)?.forEach((tell) => tell(answer));
      heard(request, answer);
      given.delete(request);
      given.set(request, answer);
      for (const oldest of given.keys()) if (given.size > mostGiven) given.delete(oldest);
    },
    onGive: (hear) => (heard = hear),
    given: (request) => given.get(request),
    of: async (facts, signal) => {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const tellers = waiting.get(facts.id) ?? new Set();
      waiting.set(facts.id, tellers.add(resolve));
      const late = setTimeout(() => resolve({ state: 'unanswered' }), Math.max(0, facts.answerBy - now()));
      const stop = (): void => resolve({ state: 'unanswered' });
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await promise;
      } finally {
        clearTimeout(late);
        signal.removeEventListener('abort', stop);
        tellers.delete(resolve);
        if (tellers.size === 0) waiting.delete(facts.id);
      }
    },
  };
}
