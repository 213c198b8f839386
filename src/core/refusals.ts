// Every way to be refused: a code that never changes its meaning, one sentence for the person, a hint what to do. The cause
// goes to the log alone. `{name}` places are filled with our own ids and names, filtered (design law 9); nothing secret
// (law 11) and nothing that a person wrote is ever a sentence of ours. README lists the same codes; a test compares.

import { exits } from './exits.ts';
import { emergencyRefusals } from './refusals-emergency.ts';

interface Entry {
  readonly exit: number;
  readonly say: string;
  readonly hint: string;
}

export const refusals = {
  ...emergencyRefusals,

  // The door: who knocks, and how.
  NO_PTY: {
    exit: exits.usage,
    say: 'Attaching needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} {session}',
  },
  NO_TERMINAL: {
    exit: exits.usage,
    say: 'The board needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} watch, or without a terminal: ssh {host} requests --json',
  },
  NOT_A_VERB: {
    exit: exits.usage,
    say: '"{word}" is neither a verb of this gate nor a session you may ask for.',
    hint: 'see: ssh {host} help',
  },
  NO_FILES: {
    exit: exits.usage,
    say: 'This gate carries no files and runs no commands ("{word}").',
    hint: 'attach to a session instead: ssh -t {host}',
  },
  BAD_COMMAND: { exit: exits.usage, say: 'The command cannot be read: {problem}.', hint: 'see: ssh {host} help' },
  COMMAND_TOO_LONG: {
    exit: exits.usage,
    say: 'The command is longer than the {max} bytes that this gate reads.',
    hint: 'shorten it; see: ssh {host} help',
  },
  KEEPER_DOWN: {
    exit: exits.unavailable,
    say: 'The keeper of this host does not answer, so the door stays shut.',
    hint: 'tell an admin of {host}: systemctl status tmux-gate',
  },
  PROTOCOL: {
    exit: exits.internal,
    say: 'The gate and its keeper do not understand each other.',
    hint: 'tell an admin of {host}: restart tmux-gate after an update',
  },
  INTERNAL: {
    exit: exits.internal,
    say: 'Something went wrong inside the gate, so the door stays shut.',
    hint: 'tell an admin of {host}: journalctl -u tmux-gate',
  },
  BUSY: {
    exit: exits.tempfail,
    say: 'Too many visits are waiting at this host.',
    hint: 'close another terminal or try again in a minute',
  },
  NOT_BY_SUDO: {
    exit: exits.noperm,
    say: 'The gate was not started by its sudo rule.',
    hint: 'connect with ssh; nothing else opens this door',
  },
  LOGIN_MISMATCH: {
    exit: exits.noperm,
    say: 'The login that ssh authenticated is not the one that knocks.',
    hint: 'connect anew with ssh, as yourself',
  },
  UNKNOWN_LOGIN: {
    exit: exits.noperm,
    say: 'This host does not know the login that knocks.',
    hint: 'tell an admin of {host}: the account is missing or its directory is down',
  },
  INSECURE_HOME: {
    exit: exits.noperm,
    say: 'The home of login {login} can be written by that login, so it cannot be gated.',
    hint: 'tell an admin of {host}: chown root {home}; see docs/logins.md',
  },
  NOT_GATED: {
    exit: exits.noperm,
    say: "Login {login} is not, or no longer, let through this gate by sudo's rule.",
    hint: 'tell an admin of {host}: is {login} in the group tmux-gate? see: sudo -l -U {login}',
  },
  SESSION_FULL: {
    exit: exits.tempfail,
    say: 'Session {session} is full: {attached} of at most {max} are attached.',
    hint: 'try again once somebody has left; see: ssh {host} sessions',
  },
  RC_SHELL: {
    exit: exits.noperm,
    say: 'The login shell of {login} reads files before the gate starts, so it cannot be gated.',
    hint: 'tell an admin of {host}: usermod -s /bin/dash {login}',
  },

  // Identity.
  PROVIDER_DOWN: {
    exit: exits.unavailable,
    say: 'The identity provider does not answer as it should.',
    hint: 'try again in a minute; if it stays, tell an admin of {host}',
  },
  NO_DEVICE_FLOW: {
    exit: exits.unavailable,
    say: 'The identity provider offers this gate no device login, so nobody can sign in.',
    hint: 'tell an admin of {host}: switch on the device flow (RFC 8628) for the client; see: tmux-gate doctor',
  },
  SIGN_IN_DENIED: {
    exit: exits.noperm,
    say: 'The sign-in was denied at the identity provider.',
    hint: 'connect again to start over',
  },
  SIGN_IN_EXPIRED: {
    exit: exits.tempfail,
    say: 'Nobody completed the sign-in in time.',
    hint: 'connect again for a new code',
  },
  SIGN_IN_OVER: {
    exit: exits.noperm,
    say: 'The identity provider no longer vouches for your sign-in.',
    hint: 'sign in anew: ssh -t {host} {session}',
  },
  MANY_SIGN_INS: {
    exit: exits.tempfail,
    say: '{max} sign-ins of login {login} wait to be completed, and no more may.',
    hint: 'complete one of them, or leave it with Ctrl-C',
  },
  TOKEN_REFUSED: {
    exit: exits.noperm,
    say: 'The identity provider sent a token that cannot be trusted.',
    hint: 'tell an admin of {host}; the log says what is wrong with it',
  },
  NOT_THIS_LOGIN: {
    exit: exits.noperm,
    say: 'The person who signed in may not act as login {login}.',
    hint: 'sign in as the owner of {login}, or connect with your own login',
  },
  PIN_MISMATCH: {
    exit: exits.noperm,
    say: 'Login {login} belongs to another person at the identity provider.',
    hint: 'if that changed rightly, an admin of {host} runs: tmux-gate unpin {login}',
  },

  // What is asked for.
  UNKNOWN_SESSION: {
    exit: exits.usage,
    say: 'There is no session "{session}" here.',
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
  CANCELLED: { exit: exits.interrupted, say: 'Cancelled.', hint: 'connect again to start over' },
  DENIED: { exit: exits.noperm, say: 'Request {request} was denied by {by}.', hint: 'their reason: {reason}' },
  NO_ANSWER: {
    exit: exits.tempfail,
    say: 'Nobody answered request {request} in time.',
    hint: 'ask again, and call the on-call',
  },

  // Reviews and grants.
  NO_SUCH_REQUEST: {
    exit: exits.data,
    say: 'There is no pending request "{request}".',
    hint: 'see: ssh {host} requests',
  },
  REQUEST_OVER: { exit: exits.data, say: 'Request {request} is over: {state}.', hint: 'see: ssh {host} history' },
  REQUEST_FORGED: {
    exit: exits.noperm,
    say: 'Request {request} was not written by a host of this gate.',
    hint: 'tell an admin of {host} at once: somebody writes to Redis',
  },
  SELF_REVIEW: { exit: exits.noperm, say: 'Nobody reviews their own request.', hint: 'forward it to: {groups}' },
  NOT_APPROVER: {
    exit: exits.noperm,
    say: 'You may not review requests for session {session}.',
    hint: 'it is reviewed by: {groups}',
  },
  ALREADY_REVIEWED: {
    exit: exits.data,
    say: 'You have reviewed request {request} already.',
    hint: 'see: ssh {host} requests',
  },
  REASON_NEEDED: {
    exit: exits.usage,
    say: 'A denial needs a reason.',
    hint: 'use: ssh {host} deny {request} --reason why',
  },
  NO_SUCH_GRANT: { exit: exits.data, say: 'There is no live grant {grant}.', hint: 'see: ssh {host} grants' },
  EXTENSION_LATE: {
    exit: exits.data,
    say: 'The grant that request {request} was to extend has ended.',
    hint: 'a new window is a new request: ssh -t {host} {session}',
  },
  NOT_YOURS: {
    exit: exits.noperm,
    say: 'Only its owner, an approver of its session or root may do that.',
    hint: 'see: ssh {host} whoami',
  },
  LOCAL_ONLY: {
    exit: exits.noperm,
    say: '"{word}" is for root on the host itself.',
    hint: 'on {host}: tmux-gate {word}',
  },
  NEEDS_A_PERSON: {
    exit: exits.noperm,
    say: 'That needs a person: root has no identity.',
    hint: 'log in to {host} as yourself, then sudo; or do it over ssh',
  },

  // What the gate stands on.
  REDIS_DOWN: {
    exit: exits.unavailable,
    say: 'The store of requests and grants does not answer, so nothing new can open.',
    hint: 'tell an admin of {host}: redis is down',
  },
  CLOCK_SKEW: {
    exit: exits.unavailable,
    say: 'The clocks of this host and its store differ too much.',
    hint: 'tell an admin of {host}: check time synchronisation',
  },
  JOURNAL_DOWN: {
    exit: exits.unavailable,
    say: 'The journal cannot be written, so nothing may open.',
    hint: 'tell an admin of {host}: the disk is full or failing',
  },
  RECORDING_DOWN: {
    exit: exits.unavailable,
    say: 'The recording cannot be written, so nothing may open.',
    hint: 'tell an admin of {host}: the disk is full or failing',
  },
  CGROUP_DOWN: {
    exit: exits.os,
    say: 'This host cannot fence a session (cgroup v2 with cgroup.kill is missing).',
    hint: 'tell an admin of {host}: Linux 5.14 or later with cgroup v2',
  },
  SESSION_ACCOUNT: {
    exit: exits.os,
    say: 'The account that session {session} runs as does not exist here.',
    hint: 'tell an admin of {host}: useradd {account}',
  },
  SESSION_START: {
    exit: exits.os,
    say: 'Session {session} could not be started.',
    hint: 'tell an admin of {host}: journalctl -u tmux-gate',
  },
  ATTACH_FAILED: {
    exit: exits.os,
    say: 'tmux could not attach to session {session}.',
    hint: 'connect again; if it stays, an approver can end the session: revoke',
  },
  GRANT_OVER: {
    exit: exits.noperm,
    say: 'The grant ended while you were being let in.',
    hint: 'ask again: ssh -t {host} {session}',
  },
} as const satisfies Record<string, Entry>;

export type RefusalCode = keyof typeof refusals;
