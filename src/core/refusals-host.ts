// Refusals because a part of the host fails: Redis, journal, tmux, disk. How they are written: refusals.ts.
import { exits } from './exits.ts';

export const hostRefusals = {
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
  DISK_DOWN: {
    exit: exits.unavailable,
    say: 'A disk of this host cannot be written.',
    hint: 'tell an admin of {host}: df -h',
  },
  JOURNAL_CHANGED: {
    exit: exits.unavailable,
    say: 'The journal is not as this host left it, so nothing may open.',
    hint: 'tell an admin of {host}: tmux-gate audit verify',
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
  GRANT_OVER: {
    exit: exits.noperm,
    say: 'The grant ended while you were being let in.',
    hint: 'ask again: ssh -t {host} {session}',
  },
} as const;
