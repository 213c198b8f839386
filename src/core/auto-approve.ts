// Rules that approve by themselves: the policy's explicit exception to law 3, never the default.
//
// 1. All that a rule states must hold; what cannot be told does not hold, and the request goes to people (law 1).
// 2. A rule says for how long at most. Attack: the longest window of the session, because somebody was on call for a minute of it.
// 3. Groups alone approve nothing: a rule needs a rota or a ticket, or else its group had standing access (the configuration
//    refuses it).
import type { AutoRule } from './auto-rule.ts';
import { namedBy, type Duty, type Reviewer } from './on-call.ts';
import { boolean, object, optional, text } from './shape.ts';
import { formatDuration } from './time.ts';

/** Why a rule does not hold for a person and a time, in words for their screen; undefined when all holds but, perhaps, its ticket. */
export function autoFault(rule: AutoRule, who: Reviewer, durationMs: number, duty: Duty): string | undefined {
  if (durationMs > rule.forMs) return `it approves at most ${formatDuration(rule.forMs)}`;
  if (rule.who !== undefined && !rule.who.some((group) => who.groups.includes(group)))
    return `it is for ${rule.who.join(', ')}`;
  if (rule.onCall !== undefined && namedBy(rule.onCall, who.claim, duty) === undefined)
    return `you are not on call by ${rule.onCall.join(' or ')}`;
  return undefined;
}

/** What a ticket hook answers. `why` is somebody else's text: filtered wherever it goes (law 9). */
export const ticketShape = object({ approve: boolean, why: optional(text(2000)) });

export type TicketAnswer = NonNullable<ReturnType<typeof ticketShape>>;
