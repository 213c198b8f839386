// Refusals of those who follow a live connection. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

const again = 'to go on: ssh -t {host} replay {connection} --follow';

export const followRefusals = {
  NOT_AUDITOR: {
    exit: exits.noperm,
    say: 'You may not follow connections on {host}.',
    hint: 'ask an admin of {host}: the policy names who may, as auditors',
    means: 'The person is in no group of `auditors` and not on call by it, or is not any more.',
  },
  NOT_FOLLOWED: {
    exit: exits.data,
    say: 'There is no live connection {connection} that you may follow.',
    hint: 'see: ssh {host} connections; what is over is read by root on {host}',
    means:
      'No connection of that id is live, or it belongs to a session whose `auditors` do not name the person. The answer is the same for both.',
  },
  OWN_CONNECTION: {
    exit: exits.noperm,
    say: 'You cannot follow your own connection.',
    hint: 'another auditor can',
    means:
      'The login or the identity is that of the auditor. The journal would show a second person where there was none.',
  },
  FOLLOW_ONLY: {
    exit: exits.usage,
    say: 'Over ssh, replay shows live connections alone.',
    hint: 'use: ssh -t {host} replay {connection} --follow; what is over is read by root on {host}',
    means: '`replay` was typed over ssh without `--follow`. Recordings of the past are read on the host.',
  },
  FOLLOW_TERMINAL: {
    exit: exits.usage,
    say: 'Following a connection needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} replay {connection} --follow',
    means: '`replay --follow` was asked for without a terminal, or on one that cannot move its cursor.',
  },
  FOLLOW_REASON: {
    exit: exits.usage,
    say: 'Following a connection needs a reason, which the journal keeps.',
    hint: 'use: ssh -t {host} replay {connection} --follow --reason why',
    means: 'No reason was given.',
  },
  FOLLOWERS_FULL: {
    exit: exits.tempfail,
    say: 'No more auditors can follow {what} now; at most {max} at once.',
    hint: 'try again when one of them has left',
    means:
      'Each who follows takes memory and time of {host}, so their number is limited: of a login, of a connection, of the host.',
  },
  FOLLOWED_LONGEST: {
    exit: exits.tempfail,
    say: 'You have followed {connection} for {max}, the longest access to session {session}.',
    hint: again,
    means:
      'Every access ends. Following lasts `window.max` of the session at most; then it takes a new record in the journal.',
  },
  FOLLOW_SIGN_IN: {
    exit: exits.tempfail,
    say: 'Your sign-in has ended, so nothing more of {connection} is shown.',
    hint: again,
    means: 'The sign-in of the auditor ran out or was withdrawn while they followed.',
  },
  FOLLOWER_STUCK: {
    exit: exits.tempfail,
    say: 'Your terminal took nothing for {max}, so nothing more of {connection} is shown.',
    hint: again,
    means: 'The ssh client of the auditor is stopped, or the line is too slow.',
  },
  FOLLOW_FAILED: {
    exit: exits.internal,
    say: 'The recording of {connection} cannot be shown.',
    hint: 'tell an admin of {host}: journalctl -u tmux-gate',
    means: 'The file cannot be read, or what draws it failed. The connection itself is not touched.',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
