// What each exit code means: those of refusals (src/core/exits.ts), and those of the commands that need no keeper.
import type { exits } from '../../../src/core/exits.ts';
import { escape, tagged } from './roff.ts';

type RefusalExit = (typeof exits)[keyof typeof exits];

const meanings: Readonly<Record<RefusalExit, string>> = {
  64: 'A command, word or option that is not understood, or one that needs something more: a terminal, a reason.',
  65: 'What was named is not there or is over, or the reason does not fit. Of `audit`: the journal was changed. Of `reload`: only a restart can take it.',
  69: 'A service does not respond: the keeper, Redis, the provider, the journal, cgroups. Nothing was opened.',
  70: 'A fault of tmux-gate itself. The log has its cause.',
  71: 'The session could not be started or attached to.',
  75: 'Not now; try again later. Of `probe`: for something it is unknown whether it is refused.',
  77: 'Not allowed: denied, revoked, locked, or no right to it. Of `doctor`: not root, so not everything was looked at.',
  78: 'The policy is missing or in error. Nothing else was done; a keeper that runs goes on with the one before.',
  130: 'The person cancelled.',
};

const others: Readonly<Record<number, string>> = {
  0: 'It is done. Of an attach: the access reached its end, or the person left.',
  1: 'Of `doctor`: a check failed. Of `probe`: something is open.',
  2: 'Of `doctor`: nothing failed, but something could not be looked at.',
  66: 'Of `audit`: the journal or its keys cannot be read. Of `probe`: no key, or a key or known_hosts that cannot be read.',
  74: 'Output cannot be written. Of an attach: the recording failed, so the connection was ended.',
  76: 'Of `probe`: the host has another key than expected, or does not speak ssh.',
  129: 'The connection to the person was lost.',
  141: 'Whoever read the output stopped reading.',
  255: 'Of `ssh` itself: it could not connect, or sshd accepted no key.',
};

export const exitStatus: readonly string[] = Object.entries({ ...meanings, ...others }).flatMap(([code, meaning]) =>
  tagged(escape(code), meaning),
);
