// The messages to people while they are attached, and when that ends.
import { formatSize } from '../size.ts';
import { formatClock, formatDuration, formatInstant } from '../time.ts';

export interface Place {
  readonly session: string;
  readonly host: string;
}

/** Whether the person's input passes: `InputRule` of wire/messages.ts. */
export type Keys = 'pass' | 'held' | 'never';

const before: Readonly<Record<Keys, string>> = {
  pass: '',
  held: 'INPUT HELD until an approver watches: ',
  never: 'view only, q leaves: ',
};

/** Just before the session is shown. @param end instant, ms. @param left milliseconds */
export function welcome({ session, host }: Place, end: number, left: number): string {
  return `  ${session} on ${host} until ${formatClock(end)} (${formatDuration(left)} left).`;
}

export function stillEnding(session: string): string {
  return `  The last ${session} is still ending. A new one starts right after it.`;
}

/** The terminal's title. */
export function title({ session, host }: Place, keys: Keys, end: number): string {
  return `${before[keys]}${session} on ${host}, until ${formatClock(end)}`;
}

/** The title shortly before the end. `fixed`: the window cannot be extended (break-glass). @param left milliseconds */
export function titleNearEnd({ session, host, fixed }: Place & { fixed?: boolean }, keys: Keys, left: number): string {
  const more = fixed === true ? '' : `. ${moreTime(host)}`;
  return `${before[keys]}${formatDuration(left)} left in ${session} on ${host}${more}`;
}

export function titleIdle({ session, host }: Place, left: number): string {
  return `No keystroke for a while: ${session} on ${host} disconnects in ${formatDuration(left)}`;
}

/** The recording has nearly all the bytes that it may have. */
export function titleNearQuota({ session, host }: Place): string {
  return `Recording almost full: ${session} on ${host} disconnects soon. Your access stays`;
}

/** In the session's status line, which everybody in it sees, after the login whose time it is. @param left milliseconds */
export function reminder(left: number): string {
  return `${formatDuration(left)} left`;
}

/** Behind a reminder, where more can be asked for. */
export function moreTime(host: string): string {
  return `More time: ssh ${host} extend 10m`;
}

/** In the status line, when the end of that login's window was moved. @param end instant, ms */
export function movedEnd(end: number, isLater: boolean): string {
  return `access ${isLater ? 'extended' : 'shortened'} until ${formatClock(end)}`;
}

/** The window has ended. */
export function expiredLines({ session, host }: Place, end: number, byBreakGlass: boolean): readonly string[] {
  return [
    `tmux-gate: Your access to ${session} on ${host} has ended (${formatInstant(end)}).`,
    byBreakGlass
      ? `Break-glass codes work again after a review of this use, by an approver: ssh ${host} break-glass review --reason ...`
      : `To ask again: ssh -t ${host} ${session}`,
  ];
}

/** Access was taken away. The person is not told to ask again: they may be locked, and should talk to whoever did it first. */
export function takenAwayLines(why: string): readonly string[] {
  return [...endLines(why), 'Before you ask again, talk to whoever ended it.'];
}

/** Why, after a revocation. @param reason of whoever revoked, filtered */
export function revokedWhy({ session, host }: Place, by: string, reason: string): string {
  return `your access to ${session} on ${host} was revoked by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

export function withdrawnWhy({ session, host }: Place): string {
  return `your access to ${session} on ${host} was withdrawn`;
}

/** Why, after a lock. @param reason of whoever locked, filtered */
export function lockedWhy(by: string, reason: string): string {
  return `your login was locked by ${by}${reason === '' ? '' : `: ${reason}`}`;
}

export function ungatedWhy(login: string): string {
  return `login ${login} may no longer use tmux-gate on this host`;
}

/** A reload took the session away, or what it ran as. */
export function policyEndedWhy({ session, host }: Place): string {
  return `the policy of ${host} was changed, and ${session} does not go on as it was`;
}

/** A reload no longer lets an approver view under somebody else's grant. */
export function noApproverWhy({ session, host }: Place): string {
  return `the policy of ${host} was changed, and you no longer view ${session} as its approver`;
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
  return [`tmux-gate: ${why.charAt(0).toUpperCase()}${why.slice(1)}.`];
}

/** The person was disconnected for idle time. @param ms how long there was no keystroke */
export function idleLines({ session, host }: Place, ms: number): readonly string[] {
  return [
    `tmux-gate: You were disconnected from ${session} on ${host} after ${formatDuration(ms)} without a keystroke.`,
    `Your access has not ended. Reattach: ssh -t ${host} ${session}`,
  ];
}

/** The recording of the connection is as long as the policy allows. @param quota bytes */
export function quotaLines({ session, host }: Place, quota: number): readonly string[] {
  return [
    `tmux-gate: You were disconnected from ${session} on ${host}: the recording of a connection may have ${formatSize(quota)}.`,
    `Your access has not ended. Reattach, which starts a new recording: ssh -t ${host} ${session}`,
  ];
}

/** In the session's status line: the disk of the recordings has little room. */
export const littleSpace = 'little disk space is left for recordings; without it everybody is disconnected';

/** The disk of the recordings has too little room for anybody to go on. */
export function noSpaceLines(host: string): readonly string[] {
  return [
    `tmux-gate: ${host} has too little disk space for recordings, so you were disconnected. [RECORDINGS_FULL]`,
    `hint: tell an admin of ${host}: free some space for the recordings: df -h`,
  ];
}

/** The person has left the session. @param again what to type after `ssh -t HOST` to return */
export function detachedLines(host: string, end: number, again: string): readonly string[] {
  return [`tmux-gate: Detached. Access lasts until ${formatClock(end)}. Reattach: ssh -t ${host} ${again}`];
}

export const clientWasKilled = 'was killed';
export const clientWasStopped = 'was stopped and could not be continued';

/** The tmux client is gone. @param what happened to it */
export function clientGoneLines({ session, host }: Place, what: string): readonly string[] {
  return [
    `tmux-gate: Your tmux client in ${session} ${what}. While you have access, reattach: ssh -t ${host} ${session}`,
  ];
}

export function recordingFailedLines(host: string): readonly string[] {
  return [
    'tmux-gate: The recording cannot be written, so you were disconnected. [RECORDING_DOWN]',
    `hint: tell an admin of ${host}: the disk is full or failing`,
  ];
}
