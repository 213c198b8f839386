// Who waits for which answer on this host. An answer comes from settling a request here, or from its end.
import type { RefusalCode } from '../../core/refusals.ts';
import type { RequestFacts } from '../../core/request.ts';

export type Answer =
  /** `said`: by whom, for how long and why, a line each. */
  | { readonly state: 'approved'; readonly said: readonly string[] }
  | { readonly state: 'denied'; readonly by: string; readonly reason: string }
  /** Approved, and no longer to be had (lapse.ts). */
  | { readonly state: 'lapsed'; readonly code: RefusalCode }
  | { readonly state: 'unanswered' };

export interface PendingAnswers {
  /** Resolves with the answer, at the latest when the request runs out. */
  of(facts: RequestFacts, signal: AbortSignal): Promise<Answer>;
  give(request: string, answer: Answer): void;
  /** What was given of late, for whoever was not there to hear it; undefined where nothing was. */
  given(request: string): Answer | undefined;
}

/** More than there are gates that come back at once. */
const mostGiven = 500;

export function openPendingAnswers(now: () => number): PendingAnswers {
  const given = new Map<string, Answer>();
  const waiting = new Map<string, Set<(answer: Answer) => void>>();
  return {
    give: (request, answer) => {
      waiting.get(request)?.forEach((tell) => tell(answer));
      given.delete(request);
      given.set(request, answer);
      for (const oldest of given.keys()) if (given.size > mostGiven) given.delete(oldest);
    },
    given: (request) => given.get(request),
    of: async (facts, signal) => {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const tellers = waiting.get(facts.id) ?? new Set();
      waiting.set(facts.id, tellers.add(resolve));
      const late = setTimeout(() => resolve({ state: 'unanswered' }), Math.max(0, facts.answerBy - now()));
      signal.addEventListener('abort', () => resolve({ state: 'unanswered' }), { once: true });
      try {
        return await promise;
      } finally {
        clearTimeout(late);
        tellers.delete(resolve);
        if (tellers.size === 0) waiting.delete(facts.id);
      }
    },
  };
}
