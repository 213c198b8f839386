// The messages to an engineer who asks for access, until the request is made.
import { formatClock, formatDuration } from '../time.ts';

export const whichSessions = '  Sessions you may ask for:';
export const whichOne = '  Which one? ';

/** A row of the list of sessions. @param said one of the two texts below */
export function sessionLine(number: number, said: string): string {
  return `    ${number}  ${said}`;
}

export function openSession(name: string, account: string, until: number): string {
  return `${name}  as ${account}, open to you until ${formatClock(until)}`;
}

export function closedSession(name: string, account: string, maxMs: number, approvers: string): string {
  return `${name}  as ${account}, at most ${formatDuration(maxMs)}, approved by ${approvers}`;
}

export function noSuchChoice(sessions: number): string {
  return `  Type a number from 1 to ${sessions}, or a name.`;
}

export interface Asked {
  readonly session: string;
  readonly host: string;
  readonly account: string;
  /** Login and claim, filtered. */
  readonly who: string;
  /** The example of a reason, as the policy has it. */
  readonly example: string | undefined;
}

export function askingLines({ session, host, account, who, example }: Asked): readonly string[] {
  return [
    `  Asking for ${session} on ${host}, as ${account}, for ${who}.`,
    ...(example === undefined ? [] : [`  A reason that fits: ${example}`]),
    '',
  ];
}

/** The question for the reason. @param hint as the policy has it */
export function reasonPrompt(hint: string | undefined): string {
  return `  Reason${hint === undefined ? '' : ` (${hint})`}: `;
}

/** The hint, if the policy has none. */
export const reasonHint = 'say it in a few words';

export function reasonSlip(what: string): string {
  return `  That does not fit: ${what}`;
}

export function durationPrompt(standardMs: number, maxMs: number): string {
  return `  For how long? [${formatDuration(standardMs)}, at most ${formatDuration(maxMs)}] `;
}

/** A typed time that cannot be used. @param ms that time; undefined when it could not be read */
export function durationSlip(ms: number | undefined, maxMs: number): string {
  const slip = ms === undefined ? '' : `${formatDuration(ms)} is over the limit. `;
  return `  ${slip}Write a time like 45s, 20m or 1h, at most ${formatDuration(maxMs)}.`;
}

/** Why a rule of `auto_approve` does not approve. */
export const ruleFaults = {
  tooLong: (ms: number): string => `it approves at most ${formatDuration(ms)}`,
  notFor: (groups: readonly string[]): string => `it is for ${groups.join(', ')}`,
  notOnCall: (sources: readonly string[]): string => `you are not on call by ${sources.join(' or ')}`,
  ticketSilent: (ticket: string): string => `${ticket} does not answer`,
  ticketSaysNo: (ticket: string): string => `${ticket} says no`,
};

export function notByRule(rule: string, why: string): string {
  return `  Rule ${rule} does not approve this by itself: ${why}.`;
}

export const notSignedInAnew = '  No rule approves this: you were not signed in anew.';

export function askingTicket(ticket: string): string {
  return `Asking ${ticket}`;
}

/** A rule has approved the request. @param why the answer of the ticket hook, filtered */
export function byRule(rule: string, why: string | undefined): string {
  return `  Approved by rule ${rule} of this host's policy, and by nobody else${why === undefined ? '.' : `: ${why}`}`;
}
