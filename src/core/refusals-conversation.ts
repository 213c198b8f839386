// Refusals about the caller and the command, before anything is asked for. How they are written: refusals.ts.
import { exits } from './exits.ts';

export const conversationRefusals = {
  NO_PTY: {
    exit: exits.usage,
    say: 'Attaching needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} {session}',
  },
  SSH_ONLY: {
    exit: exits.usage,
    say: 'A session opens over ssh alone, and this was typed on {host} itself.',
    hint: 'type it on your own machine, with ssh -t and your login on {host}',
  },
  NO_TERMINAL: {
    exit: exits.usage,
    say: 'The board needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} watch, or without a terminal: ssh {host} requests --json',
  },
  POOR_TERMINAL: {
    exit: exits.usage,
    say: 'A terminal of type "{word}" cannot show a session: it cannot move its cursor.',
    hint: 'if yours can, name it: TERM=xterm-256color ssh -t {host} {session}',
  },
  NOT_A_VERB: {
    exit: exits.usage,
    say: 'No commands are run here ("{word}"); tmux-gate opens sessions.',
    hint: 'open one: ssh -t {host}; what else can be typed: ssh {host} help',
  },
  UNKNOWN_VERB: {
    exit: exits.usage,
    say: '"{word}" is neither a command here nor a session.',
    hint: 'did you mean {meant}? see: ssh {host} help {meant}',
  },
  NO_FILES: {
    exit: exits.usage,
    say: 'This gate carries no files and runs no commands ("{word}").',
    hint: 'attach to a session instead: ssh -t {host}',
  },
  BAD_COMMAND: { exit: exits.usage, say: '{problem}.', hint: 'see: ssh {host} help' },
  COMMAND_TOO_LONG: {
    exit: exits.usage,
    say: 'The command is longer than the {max} bytes that this gate reads.',
    hint: 'shorten it; see: ssh {host} help',
  },
  BUSY: {
    exit: exits.tempfail,
    say: 'Too many visits are waiting at this host.',
    hint: 'close another terminal or try again in a minute',
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
  LOGIN_NAME: {
    exit: exits.noperm,
    say: 'The login {login} cannot be gated: its name holds a character, or is of a length, that tmux-gate does not take.',
    hint: 'tell an admin of {host}: have the directory give short names; see docs/logins.md',
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
} as const;
