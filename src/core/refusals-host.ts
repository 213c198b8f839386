// Refusals because a part of the host fails: Redis, journal, tmux, disk. How they are written: refusals.ts.
import { exits } from './exits.ts';
import type { ExplainedRefusal } from './refusal-text.ts';

export const hostRefusals = {
  REDIS_DOWN: {
    exit: exits.unavailable,
    say: 'Redis does not answer, so no access can be requested or granted.',
    hint: 'tell an admin of {host}: Redis is down; who is attached stays attached',
    means: 'Redis does not answer, or not in time. Break-glass works meanwhile; live connections run on.',
  },
  REDIS_TOO_OLD: {
    exit: exits.unavailable,
    say: 'The Redis of {host} is too old, so no access can be requested or granted.',
    hint: 'tell an admin of {host}: Redis 7.0 or Valkey 7.2 is the oldest that works',
    means:
      'The server says an older version, and is not used. Break-glass works meanwhile; live connections run on. The log says the version.',
  },
  CLOCK_SKEW: {
    exit: exits.unavailable,
    say: 'The clocks of {host} and its Redis differ too much.',
    hint: 'tell an admin of {host}: check time synchronisation',
    means: 'More than five seconds between this host and Redis. No grant is made until they agree.',
  },
  JOURNAL_DOWN: {
    exit: exits.unavailable,
    say: 'The journal cannot be written, so nobody can attach.',
    hint: 'tell an admin of {host}: the disk is full or failing',
    means: 'What cannot be written down does not happen. Live connections run on.',
  },
  DISK_DOWN: {
    exit: exits.unavailable,
    say: 'A disk of {host} cannot be written.',
    hint: 'tell an admin of {host}: df -h',
    means: 'A write failed because a disk is full, read-only or failing, or a quota is reached.',
  },
  RECORDINGS_FULL: {
    exit: exits.unavailable,
    say: '{host} has too little disk space for recordings, so nobody can attach.',
    hint: 'tell an admin of {host}: free some space for the recordings: df -h',
    means:
      'Less is free where the recordings are than `recordings.reserve` of the policy. With less than half of it, whoever is attached is disconnected.',
  },
  JOURNAL_CHANGED: {
    exit: exits.unavailable,
    say: 'The journal was changed from outside, so nobody can attach.',
    hint: 'tell an admin of {host}: tmux-gate audit verify',
    means:
      'The journal was cut, rolled back, emptied or added to. See [on-call.md](on-call.md#when-the-journal-is-not-as-it-was-left).',
  },
  CGROUP_DOWN: {
    exit: exits.os,
    say: '{host} cannot end the processes of a session (cgroup v2 with cgroup.kill is missing).',
    hint: 'tell an admin of {host}: Linux 5.14 or later with cgroup v2',
    means: 'Without `cgroup.kill` nothing could be ended for sure, so nothing is started.',
  },
  SESSION_ACCOUNT: {
    exit: exits.os,
    say: 'The account {account} of session {session} does not exist on {host}.',
    hint: 'tell an admin of {host}: useradd {account}',
    means: 'The account of `run_as` is missing, or it is root or the service account.',
  },
  SESSION_START: {
    exit: exits.os,
    say: 'Session {session} could not be started.',
    hint: 'tell an admin of {host}: journalctl -u tmux-gate',
    means: 'The tmux server did not start. The log has its output.',
  },
  RECORDING_UNKNOWN: {
    exit: exits.data,
    say: 'There is no recording of {word} on {host}.',
    hint: 'those that there are, on {host}: tmux-gate recordings',
    means: 'No connection, grant or request with this id has a recording here.',
  },
  RECORDING_HELD: {
    exit: exits.noperm,
    say: 'The recording of {word} is held by {by}.',
    hint: 'release it first, on {host}: tmux-gate release {word} --reason ...',
    means: 'A hold beats `purge` and `keep`. Nothing was removed.',
  },
  RECORDING_OPEN: {
    exit: exits.tempfail,
    say: 'The recording of {word} is not finished.',
    hint: 'try again when its connection is over and it is compressed',
    means: 'A live recording, and one that is just being compressed, is not purged.',
  },
  POLICY_REFUSED: {
    exit: exits.config,
    say: 'The policy on disk is refused, so nothing has changed on {host}: the one before stays in force.',
    hint: 'repair what is named above; to try it first, on {host}: tmux-gate policy check',
    means: '`reload` found problems in the file or in what it names. A keeper that starts would refuse it too.',
  },
  NEEDS_RESTART: {
    exit: exits.data,
    say: 'The keeper cannot take a change of {what} while it runs, so nothing has changed on {host}.',
    hint: 'restart the keeper, live connections go on: systemctl restart tmux-gate',
    means:
      '`reload` takes everything but `host`, `service_account`, `redis` and `metrics`. With one of these changed, it takes nothing of the file.',
  },
  NEXT_KEY_MISSING: {
    exit: exits.data,
    say: '{host} has peers, which do not know its next key yet, so nothing has changed.',
    hint: 'make it first, and give it to them, on {host}: tmux-gate keys rotate --prepare',
    means:
      '`keys rotate` on a host with `peers` would sign with a key that they refuse. See [operations.md](operations.md#keys). Where the key leaked, `--leaked` does not wait.',
  },
  GRANT_OVER: {
    exit: exits.noperm,
    say: 'Your access ended while you were being let in.',
    hint: 'ask again: ssh -t {host} {session}',
    means: 'The grant expired or was revoked between the approval and the attach.',
  },
} as const satisfies Readonly<Record<string, ExplainedRefusal>>;
