// The messages of `status`. The names and texts from outside in them have been filtered.
import { formatSize } from '../size.ts';
import { day, formatDuration } from '../time.ts';

export const levelWords = { ok: 'ok', warn: 'warn', down: 'DOWN' } as const;
export const fixLine = (fix: string): string => `fix: ${fix}`;
export const answers = 'answers';
export const answersNot = 'does not answer';
export const notLooked = 'could not be checked';

export const upFor = (long: string): string => `up for ${long}`;
/** The programs on disk are not those that run. */
export const outdated = (what: string): string => `${what} on disk is not the one that runs`;
export const fixOutdated = 'systemctl restart tmux-gate: live connections go on';

export const seeLog = 'journalctl -u tmux-gate';
/** What to do when a part fails, by its name. */
export const fixes: Readonly<Partial<Record<string, string>>> = {
  redis: 'is it running? systemctl status tmux-gate redis-server; journalctl -u tmux-gate',
  cgroups: 'tmux-gate doctor --only kernel',
};
export const clocksDiffer = (ms: number): string => `clocks differ by ${ms} ms`;
export const cgroupKillThere = 'cgroup.kill is there';
/** @param people who are signed in, and about whom the provider cannot be asked again */
export const noRefreshTokens = (people: number): string =>
  `${people} signed in without a refresh token, so no re-check`;
export const providerDown = (code: string, say: string): string => `${code}: ${say}`;

export const journalFine = 'takes records, and is as it was left';
export const fixChanged = 'tmux-gate audit verify; docs/on-call.md says how to accept it';

/** @param code of the system, such as EIO */
export const journalUnwritten = (code: string): string =>
  `JOURNAL_DOWN: the last record could not be written (${code})`;
export const fixUnwritten = 'look at its disk: dmesg, findmnt; a record is tried again each minute';
export const seeDisk = 'see disk';

/** @param free bytes for the journal */
export const spaceLeft = (free: number): string => `${formatSize(free)} free for the journal`;
export const noFilesLeft = 'no more files fit on the disk of the journal';
export const fixSpace = 'free some space: df -h, df -i; nobody can connect when it is full';

/** Of the disk of the recordings. @param waiting recordings that are over and not sealed */
export const recordingsRoom = (free: string, waiting: number): string =>
  `${free} free${waiting === 0 ? '' : `, ${waiting} over and not sealed`}`;
export const overReserve = (code: string, free: string, reserve: string): string =>
  `${code}: ${free} free, less than the reserve of ${reserve}`;
export const fixReserve = 'free some space for the recordings, or lower recordings.reserve';
/** @param connection an id @param percent of the quota that its recording has */
export const nearQuota = (connection: string, percent: number): string =>
  `the recording of connection ${connection} has ${percent}% of its quota`;
export const fixQuota = 'at 100% the connection ends; the person can attach again: recordings.quota';

export const clocksAgree = (apart: readonly string[]): string => (apart.length === 0 ? notLooked : apart.join(', '));
export const clockOf = (of: string, ms: number): string => `${of} ${ms} ms apart`;
export const clockOff = (of: string, ms: number): string =>
  `the clocks of this host and of ${of} differ by ${formatDuration(Math.abs(ms))}`;
export const fixClock = 'set this clock: chronyc tracking, or timedatectl timesync-status';

export const noHooks = 'none in the policy';
export const hooksAnswer = (count: number): string => `${count} ${count === 1 ? 'answers' : 'answer'}`;
export const hooksDown = (count: number): string => `${count} ${count === 1 ? 'does' : 'do'} not answer`;
/** @param names of sources, tickets and receivers */
export const hooksFail = (names: string): string => `no answer from ${names}`;
export const fixHooks = 'see docs/policy.md, "Who is on call"; the log says why: journalctl -u tmux-gate';

export const noCertificates = 'no connection by TLS yet';
/** @param place host and port @param left milliseconds */
export const certificateLeft = (place: string, left: number): string =>
  left <= 0 ? `the certificate of ${place} has ended` : `the certificate of ${place} ends in ${daysOf(left)}`;
export const certificatesFine = (place: string, left: number): string =>
  `the next one ends in ${daysOf(left)} (${place})`;
export const fixCertificate = 'renew it on that server; nobody connects to it after that day';

function daysOf(left: number): string {
  const days = Math.floor(left / day);
  return days === 1 ? '1 day' : `${days} days`;
}

export const sshdFine = 'grants what tmux-gate needs';
export const sudoFine = 'has the one rule';
/** What everybody is told of a drift: its details would tell an attacker where to look. */
export const drifted = 'is not set up as tmux-gate needs it';

const some = (count: number, what: string): string => (count === 0 ? '' : `, ${count} ${what}`);

export const countLines = (
  counts: Readonly<Record<'attached' | 'viewing' | 'held' | 'sessions' | 'kept', number>>,
): readonly (readonly [name: string, text: string])[] => [
  ['attached', `${counts.attached}${some(counts.viewing, 'viewing')}${some(counts.held, 'with input held')}`],
  ['sessions', `${counts.sessions} running${some(counts.kept, 'of them kept')}`],
];
