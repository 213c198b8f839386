// The messages to people while they are attached, and when that ends.
import { formatClock, formatDuration, formatInstant } from '../time.ts';

export interface Place {
  readonly session: string;
  readonly host: string;
}

/** Whether the person's input passes: `InputRule` of wire/messages.ts. */
export type Keys = 'pass' | 'held' | 'never';

const before: Readonly<Record<Keys, string>> = {
  pass: '',
  held: 'INPUT HELD until an approver looks on: ',
  never: 'looking on, q leaves: ',
};

/** Just before the session is shown. @param end instant, ms. @param left milliseconds */
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

/** The title shortly before the end. `fixed`: the window cannot be extended (break-glass). @param left milliseconds */
export function titleNearEnd({ session, host, fixed }: Place & { fixed?: boolean }, keys: Keys, left: number): string {
  const more = fixed === true ? '' : `; more: ssh ${host} extend 10m --reason ...`;
  return `${before[keys]}${formatDuration(left)} left in ${session} on ${host}${more}`;
}

export function titleIdle({ session, host }: Place, left: number): string {
  return `no key for a while: ${session} on ${host} ends in ${formatDuration(left)}`;
}

/** In the session's status line, which everybody in it sees, after the login whose time it is. @param left milliseconds */
export function reminder(left: number): string {
  return `${formatDuration(left)} left`;
}

/** In the status line, when the end of that login's window was moved. @param end instant, ms */
export function movedEnd(end: number, isLater: boolean): string {
  const becomes = isLater ? 'goes on' : 'is shortened: it goes on';
  return `the window ${becomes} until ${formatClock(end)}`;
}

/** The window has ended. */
export function expiredLines({ session, host }: Place, end: number, byBreakGlass: boolean): readonly string[] {
  return [
    `tmux-gate: your window in ${session} on ${host} is over (${formatInstant(end)}).`,
    byBreakGlass
      ? 'Break-glass opens nothing more until somebody has reviewed this use.'
      : `Ask again: ssh -t ${host} ${session}`,
  ];
}

/** Access was taken away. The person is not told to ask again: they may be locked, and should talk to whoever did it first. */
export function takenAwayLines(why: string): readonly string[] {
  return [`tmux-gate: ${why}.`, 'Talk to whoever ended it before you ask again.'];
}

/** Why, after a revocation. @param reason of whoever revoked, filtered */
export function revokedWhy({ session, host }: Place, by: string, reason: string): string {
  return `your access to ${session} on ${host} was revoked by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

export function withdrawnWhy({ session, host }: Place): string {
  return `your grant for ${session} on ${host} was withdrawn`;
}

/** Why, after a lock. @param reason of whoever locked, filtered */
export function lockedWhy(by: string, reason: string): string {
  return `your login was locked by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

export function ungatedWhy(login: string): string {
  return `login ${login} is no longer let through this gate`;
}

export const providerWithdrew = 'the identity provider no longer vouches for you';

/** Turns a text to the person (`your access to … was revoked by …`) into one for everybody else (`revoked by …`). */
export function toOthers(words: string): string {
  return words
    .replace(/^your (?:access to|grant for) \S+ on \S+ was /, '')
    .replace(/^your /, '')
    .replace(/\byou$/, 'them');
}

export function endLines(why: string): readonly string[] {
  return [`tmux-gate: ${why}.`];
}

/** The person was disconnected for idle time. @param ms how long there was no keystroke */
export function idleLines({ session, host }: Place, ms: number): readonly string[] {
  return [
    `tmux-gate: no key for ${formatDuration(ms)} in ${session} on ${host}, so the line was cut.`,
    `Your window stays open; again: ssh -t ${host} ${session}`,
  ];
}

/** The person has left the session. @param again what to type after `ssh -t HOST` to return */
export function detachedLines({ session, host }: Place, again: string): readonly string[] {
  return [`tmux-gate: left session ${session}. Your window stays open; again: ssh -t ${host} ${again}`];
}

export const clientWasKilled = 'your tmux client was killed';
export const clientWasStopped = 'your tmux client was stopped, and nothing continued it';

/** The tmux client is gone. @param what happened to it */
export function clientGoneLines({ session, host }: Place, what: string): readonly string[] {
  return [`tmux-gate: ${what} in session ${session}. If your window is open: ssh -t ${host} ${session}`];
}

export function recordingFailedLines(host: string): readonly string[] {
  return [
    'tmux-gate: the recording cannot be written, so the line was cut. [RECORDING_DOWN]',
    `hint: tell an admin of ${host}: the disk is full or failing`,
  ];
}
