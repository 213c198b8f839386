// Events of access reviews: somebody looked at who has access, and says so.
import { session, groups, person, proof } from './shared-fields.ts';
import { event, flag, group, instantMs, optional, sha256, text } from './field.ts';

export const accessReviewEvents = {
  'access-reviewed': event(
    'Somebody who may approve for a session looked at the listing of who had access in a period, and signed it off with a sign-in of its own.',
    {
      period: text('the period, such as `2026-Q3`'),
      from: instantMs('when the period began'),
      to: instantMs('when it ended; this instant is not part of it'),
      session,
      sha256: sha256('of the listing: `tmux-gate review --period P --session S --csv` printed these bytes'),
      policy: optional(sha256('of the policy that was in force at the sign-off; left out where the journal has none')),
      by: group('who looked at it', person),
      groups,
      rule: text('the rule of the policy that lets them review'),
      proof,
      own: optional(flag('true where they had access in the period themselves')),
      local: optional(flag('true: on the host, by a person behind sudo')),
      reason: text('what they found, as they typed it'),
    },
  ),
};
