// Refusals about the caller and the command, before anything is asked for. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

export const conversationRefusals = {
  NO_PTY: {
    exit: exits.usage,
    say: 'Attaching needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} {session}',
    means: 'Attaching was asked for without `-t`, or from a script.',
  },
  SSH_ONLY: {
    exit: exits.usage,
    say: 'A session opens over ssh alone, and this was typed on {host} itself.',
    hint: 'type it on your own machine, with ssh -t and your login on {host}',
    means:
      'Root asked on the host itself for what attaches, such as `tmux-gate break-glass prod-db`. No code was asked for or used.',
  },
  NO_TERMINAL: {
    exit: exits.usage,
    say: 'The dashboard needs a terminal, and this connection has none.',
    hint: 'use: ssh -t {host} watch, or without a terminal: ssh {host} requests --json',
    means: '`watch` was asked for without a terminal, or on one that cannot move its cursor.',
  },
  POOR_TERMINAL: {
    exit: exits.usage,
    say: 'A terminal of type "{word}" cannot show a session: it cannot move its cursor.',
    hint: 'if yours can, name it: TERM=xterm-256color ssh -t {host} {session}',
    means: 'The terminal has a terminfo entry on this host, and tmux cannot draw with it.',
  },
  NOT_A_VERB: {
    exit: exits.usage,
    say: 'tmux-gate does not run commands ("{word}").',
    hint: 'open a session: ssh -t {host}; all commands: ssh {host} help',
    means: 'Somebody tried to run a command. Nothing was run.',
  },
  UNKNOWN_VERB: {
    exit: exits.usage,
    say: '"{word}" is not a command or a session here.',
    hint: 'did you mean {meant}? see: ssh {host} help {meant}',
    means: 'The word is close to the name of a verb, so it was mistyped.',
  },
  NO_FILES: {
    exit: exits.usage,
    say: 'tmux-gate transfers no files and runs no commands ("{word}").',
    hint: 'attach to a session instead: ssh -t {host}',
    means: 'scp, sftp, rsync, git or mosh was tried. None of them works here.',
  },
  BAD_COMMAND: {
    exit: exits.usage,
    say: '{problem}.',
    hint: 'see: ssh {host} help',
    means: 'A verb was named with words or options that it does not take. The sentence names the problem.',
  },
  COMMAND_TOO_LONG: {
    exit: exits.usage,
    say: 'The command is longer than {max} bytes.',
    hint: 'shorten it; see: ssh {host} help',
    means: 'The whole command is longer than the gate reads. Usually the reason is.',
  },
  BUSY: {
    exit: exits.tempfail,
    say: 'Too many connections are waiting on {host}.',
    hint: 'close another terminal or try again in a minute',
    means:
      'A limit was reached: visits of this login or of this host, dashboards, or answers of `history`. Others are not affected by the limit of one login.',
  },
  LOGIN_MISMATCH: {
    exit: exits.noperm,
    say: 'You are another user now than the one who logged in with ssh.',
    hint: 'connect anew with ssh, as yourself',
    means:
      'What sudo says of the caller, and what the kernel says (loginuid), name different accounts. Usual after `su` in between.',
  },
  UNKNOWN_LOGIN: {
    exit: exits.noperm,
    say: '{host} does not know your login.',
    hint: 'tell an admin of {host}: the account is missing or its directory is down',
    means: 'The account is not there, or the directory did not answer within two seconds.',
  },
  LOGIN_NAME: {
    exit: exits.noperm,
    say: 'tmux-gate cannot be used by login {login}: its name is too long or has an unusual character.',
    hint: 'tell an admin of {host}: have the directory give short names; see docs/logins.md',
    means:
      'Names as `useradd` takes them, also with `@domain` behind, can be gated: up to 64 characters in all. See [logins.md](logins.md).',
  },
  INSECURE_HOME: {
    exit: exits.noperm,
    say: 'tmux-gate cannot be used by login {login}: it can write to its own home.',
    hint: 'tell an admin of {host}: chown root {home}; see docs/logins.md',
    means: 'A login that can write to its home could change what runs before the gate. See [logins.md](logins.md).',
  },
  NOT_GATED: {
    exit: exits.noperm,
    say: "Login {login} may not use tmux-gate: sudo's rule does not allow it.",
    hint: 'tell an admin of {host}: is {login} in the group tmux-gate? see: sudo -l -U {login}',
    means:
      'sudo does not name this login now, although the connection reached the gate. The group was left, or sudo cannot be asked.',
  },
  SESSION_FULL: {
    exit: exits.tempfail,
    say: 'Session {session} is full: {attached} of at most {max} are attached.',
    hint: 'try again once somebody has left; see: ssh {host} sessions',
    means: '`max_connections` of the session is reached, viewers included.',
  },
  RC_SHELL: {
    exit: exits.noperm,
    say: 'tmux-gate cannot be used by login {login}: its shell reads files before tmux-gate starts.',
    hint: 'tell an admin of {host}: usermod -s /bin/dash {login}',
    means: 'Shells such as bash and zsh read files of the login first. See [logins.md](logins.md).',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
