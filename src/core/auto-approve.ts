// Rules of the policy that approve a request without a person: an explicit exception to law 3, off by default.
//
// 1. Every condition of a rule must be met. One that cannot be checked counts as not met; the request then goes to people (law 1).
// 2. A rule states the longest time that it approves. Attack: a request for the session's longest window by somebody who is on call
//    for one more minute.
// 3. Groups alone approve nothing: a rule needs an on-call source or a ticket. Otherwise its group would have standing access. A policy
//    with such a rule is refused (src/config).
import type { AutoRule } from './auto-rule.ts';
import { namedBy, type Duty, type Reviewer } from './on-call.ts';
import { boolean, object, optional, text } from './shape.ts';
import { ruleFaults } from './messages/asking.ts';

/**
 * Why a rule does not approve this person's request, as text for their screen; undefined when everything but its ticket, which is
 * asked elsewhere, is met.
 */
export function autoFault(rule: AutoRule, who: Reviewer, durationMs: number, duty: Duty): string | undefined {
  if (durationMs > rule.forMs) return ruleFaults.tooLong(rule.forMs);
  if (rule.who !== undefined && !rule.who.some((group) => who.groups.includes(group)))
    return ruleFaults.notFor(rule.who);
  if (rule.onCall !== undefined && namedBy(rule.onCall, who.claim, duty) === undefined)
    return ruleFaults.notOnCall(rule.onCall);
  return undefined;
}

/** The answer of a ticket hook. `why` is text from outside and is filtered wherever it is shown (law 9). */
export const ticketShape = object({ approve: boolean, why: optional(text(2000)) });

export type TicketAnswer = NonNullable<ReturnType<typeof ticketShape>>;
