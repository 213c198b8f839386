// Refusals about what is asked for: session, time, reason. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

export const requestRefusals = {
  UNKNOWN_SESSION: {
    exit: exits.usage,
    say: 'There is no session "{session}" on {host}.',
    hint: 'see your sessions: ssh {host} sessions; all commands: ssh {host} help',
    means: 'The policy has no session of that name.',
  },
  NO_SESSION: {
    exit: exits.noperm,
    say: 'You may not ask for any session on {host}.',
    hint: 'ask an admin of {host} which group you need',
    means: 'No session names a group of this person in `who`.',
  },
  NOT_ALLOWED: {
    exit: exits.noperm,
    say: 'You may not ask for session {session}.',
    hint: 'you need to be in one of these groups: {groups}',
    means: 'The person is in none of the groups in `who` of the session.',
  },
  BAD_WINDOW: {
    exit: exits.usage,
    say: 'That is not a time like 45s, 20m or 1h.',
    hint: 'for example: --for 20m',
    means: 'The time could not be read, three times.',
  },
  WINDOW_TOO_LONG: {
    exit: exits.usage,
    say: 'Access to session {session} lasts at most {max}.',
    hint: 'try: {less}',
    means:
      'More than `window.max`, or more than what is left of it for an extension, or a review that would lengthen what was asked for.',
  },
  BAD_REASON: {
    exit: exits.data,
    say: 'The reason does not have the form that session {session} needs.',
    hint: 'write: {hint}',
    means: 'The reason does not match `reason.pattern`.',
  },
  UNSEEN_REASON: {
    exit: exits.data,
    say: 'The reason has invisible characters.',
    hint: 'type it again as plain text, on one line',
    means: 'Control, format or separator characters were in it, often from a copied text.',
  },
  LONG_REASON: {
    exit: exits.data,
    say: 'The reason is longer than {max} characters.',
    hint: 'name the ticket and say it in a sentence',
    means: 'Reasons are shown whole to whoever approves, so they have a limit.',
  },
  DENIED: {
    exit: exits.noperm,
    say: 'Request {request} was denied by {by}.',
    hint: 'their reason: {reason}',
    means: 'One denial ends a request.',
  },
  NO_ANSWER: {
    exit: exits.tempfail,
    say: 'Nobody answered request {request} in time.',
    hint: 'call whoever is on call, then ask again',
    means: '`request.answer_within` is over, or the request is not there any more.',
  },
  MANY_BATCHES: {
    exit: exits.tempfail,
    say: 'As many requests for several hosts as one login may have are waiting: {max}.',
    hint: 'see them: ssh {host} requests; take one back: ssh {host} withdraw ID',
    means: 'Each of them makes every host of the fleet look, so their number is limited for each login.',
  },
  WITHDRAWN: {
    exit: exits.tempfail,
    say: 'You withdrew request {request} in another terminal.',
    hint: 'ask again if you still need access',
    means: 'Two terminals of one person waited for the same request, and it was cancelled in one of them.',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
