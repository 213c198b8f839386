// What people read while they are attached, and when that ends.
import { formatClock, formatDuration, formatInstant } from '../time.ts';

export interface Place {
  readonly session: string;
  readonly host: string;
}

/** What passes of the person's keys: `InputRule` of wire/messages.ts. */
export type Keys = 'pass' | 'held' | 'never';

const before: Readonly<Record<Keys, string>> = {
  pass: '',
  held: 'INPUT HELD until an approver looks on: ',
  never: 'looking on, q leaves: ',
};

/** On the way in. @param left milliseconds. */
export function welcome({ session, host }: Place, end: number, left: number): string {
  return `  ${session} on ${host} until ${formatClock(end)} (${formatDuration(left)} left).`;
}

export function stillEnding(session: string): string {
  return `  ${session} is ending; a fresh one starts as soon as it has.`;
}

/** The terminal's title. */
export function title({ session, host }: Place, keys: Keys, end: number): string {
  return `${before[keys]}${session} on ${host}, until ${formatClock(end)}`;
}

/** The same shortly before the end. @param place of break-glass `fixed`: nobody can ask for more. */
export function titleNearEnd({ session, host, fixed }: Place & { fixed?: boolean }, keys: Keys, left: number): string {
  const more = fixed === true ? '' : `; more: ssh ${host} extend 10m --reason ...`;
  return `${before[keys]}${formatDuration(left)} left in ${session} on ${host}${more}`;
}

export function titleIdle({ session, host }: Place, left: number): string {
  return `no key for a while: ${session} on ${host} ends in ${formatDuration(left)}`;
}

/** In the session's status line, which everybody in it sees, behind the login of whom it is said. */
export function reminder(left: number): string {
  return `${formatDuration(left)} left`;
}

/** The same, when their end was moved. */
export function movedEnd(end: number, isLater: boolean): string {
  const becomes = isLater ? 'goes on' : 'is shortened: it goes on';
  return `the window ${becomes} until ${formatClock(end)}`;
}

/** The time has run out. */
export function expiredLines({ session, host }: Place, end: number, byBreakGlass: boolean): readonly string[] {
  return [
    `tmux-gate: your window in ${session} on ${host} is over (${formatInstant(end)}).`,
    byBreakGlass
      ? 'Break-glass opens nothing more until somebody has reviewed this use.'
      : `Ask again: ssh -t ${host} ${session}`,
  ];
}

/** Nobody is told to ask again who was just thrown out: they may be locked, and there is somebody to talk to first. */
export function takenAwayLines(why: string): readonly string[] {
  return [`tmux-gate: ${why}.`, 'Talk to whoever ended it before you ask again.'];
}

/** @param reason of whoever revoked, filtered. */
export function revokedWhy({ session, host }: Place, by: string, reason: string): string {
  return `your access to ${session} on ${host} was revoked by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

export function withdrawnWhy({ session, host }: Place): string {
  return `your grant for ${session} on ${host} was withdrawn`;
}

/** @param reason of whoever locked, filtered. */
export function lockedWhy(by: string, reason: string): string {
  return `your login was locked by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

export function ungatedWhy(login: string): string {
  return `login ${login} is no longer let through this gate`;
}

export const providerWithdrew = 'the identity provider no longer vouches for you';

/** Turns our words to the person (`your access to … was revoked by …`) into words for everybody else (`revoked by …`). */
export function toOthers(words: string): string {
  return words
    .replace(/^your (?:access to|grant for) \S+ on \S+ was /, '')
    .replace(/^your /, '')
    .replace(/\byou$/, 'them');
}

export function endLines(why: string): readonly string[] {
  return [`tmux-gate: ${why}.`];
}

/** For want of a key. @param ms for how long there was none. */
export function idleLines({ session, host }: Place, ms: number): readonly string[] {
  return [
    `tmux-gate: no key for ${formatDuration(ms)} in ${session} on ${host}, so the line was cut.`,
    `Your window stays open; again: ssh -t ${host} ${session}`,
  ];
}

/** @param again what is typed behind `ssh -t HOST`. */
export function detachedLines({ session, host }: Place, again: string): readonly string[] {
  return [`tmux-gate: left session ${session}. Your window stays open; again: ssh -t ${host} ${again}`];
}

export const clientWasKilled = 'your tmux client was killed';
export const clientWasStopped = 'your tmux client was stopped, and nothing continued it';

/** @param what happened to the tmux client. */
export function clientGoneLines({ session, host }: Place, what: string): readonly string[] {
  return [`tmux-gate: ${what} in session ${session}. If your window is open: ssh -t ${host} ${session}`];
}

export function recordingFailedLines(host: string): readonly string[] {
  return [
    'tmux-gate: the recording cannot be written, so the line was cut. [RECORDING_DOWN]',
    `hint: tell an admin of ${host}: the disk is full or failing`,
  ];
}
