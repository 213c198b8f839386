// Refusals about what is asked for: session, time, reason. How they are written: refusals.ts.
import { exits } from './exits.ts';

export const requestRefusals = {
  UNKNOWN_SESSION: {
    exit: exits.usage,
    say: 'There is no session "{session}" here, and no commands are run.',
    hint: 'see: ssh {host} sessions, and for the verbs: ssh {host} help',
  },
  NO_SESSION: {
    exit: exits.noperm,
    say: 'No session of this host is open to you.',
    hint: 'ask an admin of {host} which group you need',
  },
  NOT_ALLOWED: { exit: exits.noperm, say: 'You may not ask for session {session}.', hint: 'it is for: {groups}' },
  BAD_WINDOW: { exit: exits.usage, say: 'A window is written like 45s, 20m or 1h.', hint: 'for example: --for 20m' },
  WINDOW_TOO_LONG: {
    exit: exits.usage,
    say: 'A window of session {session} is at most {max}.',
    hint: 'ask for less: {less}',
  },
  BAD_REASON: {
    exit: exits.data,
    say: 'The reason does not have the form that session {session} asks for.',
    hint: '{hint}',
  },
  UNSEEN_REASON: {
    exit: exits.data,
    say: 'The reason holds characters that cannot be seen.',
    hint: 'type it again as plain text, on one line',
  },
  LONG_REASON: {
    exit: exits.data,
    say: 'The reason is longer than {max} characters.',
    hint: 'name the ticket and say it in a sentence',
  },
  DENIED: { exit: exits.noperm, say: 'Request {request} was denied by {by}.', hint: 'their reason: {reason}' },
  NO_ANSWER: {
    exit: exits.tempfail,
    say: 'Nobody answered request {request} in time.',
    hint: 'ask again, and call the on-call',
  },
} as const;
