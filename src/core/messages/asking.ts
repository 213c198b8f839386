// The messages to an engineer who asks for access, until the request is made.
import { formatClock, formatDuration, minute, second } from '../time.ts';

export const whichSessions = '  Sessions you may ask for:';
export const whichOne = '  Which one? ';

/** A row of the list of sessions. @param said one of the two texts below */
export function sessionLine(number: number, said: string): string {
  return `    ${number}  ${said}`;
}

export function openSession(name: string, account: string, until: number): string {
  return `${name}  as ${account}, you have access until ${formatClock(until)}`;
}

export function closedSession(name: string, account: string, maxMs: number, approvers: string): string {
  return `${name}  as ${account}, at most ${formatDuration(maxMs)}, approved by ${approvers}`;
}

export function noSuchChoice(sessions: number): string {
  return `  Type a number from 1 to ${sessions}, or the name of a session.`;
}

export interface Asked {
  readonly session: string;
  readonly host: string;
  readonly account: string;
  /** Login and claim, filtered. */
  readonly who: string;
}

export function askingLines({ session, host, account, who }: Asked): readonly string[] {
  return [`  Requesting ${session} on ${host} as ${who}. You will be ${account} there.`, ''];
}

/** What the policy says of a reason. */
export interface ReasonRule {
  readonly hint?: string | undefined;
  readonly example?: string | undefined;
}

const like = (example: string | undefined): string => (example === undefined ? '' : `, for example "${example}"`);

export function reasonPrompt({ hint, example }: ReasonRule): string {
  return `  Reason${hint === undefined ? '' : ` (${hint})`}${like(example)}: `;
}

/** The hint, if the policy has none. */
export const reasonHint = 'say it in a few words';

/** A reason that cannot be taken. What is wrong may be its form, which is the policy's, or what the refusal says. */
export function reasonSlip(
  { code, say, hint }: { readonly code: string; readonly say: string; readonly hint: string },
  { hint: form = reasonHint, example }: ReasonRule,
): string {
  if (code === 'BAD_REASON') return `  That is not the form of a reason here. Write: ${form}${like(example)}.`;
  return `  ${say} ${hint.replace(/^./, (first) => first.toUpperCase())}.`;
}

export function durationPrompt(standardMs: number, maxMs: number): string {
  return `  How long? [default ${formatDuration(standardMs)}, max ${formatDuration(maxMs)}] `;
}

/** A typed time that cannot be used. @param ms that time; undefined when it could not be read */
export function durationSlip(ms: number | undefined, maxMs: number): string {
  const max = formatDuration(maxMs);
  const slip = ms === undefined ? 'That is not a time.' : `${formatDuration(ms)} is over the ${max} limit.`;
  const shorter = [45 * second, 20 * minute].filter((one) => one < maxMs).map(formatDuration);
  return `  ${slip} Try ${[shorter.join(', '), max].filter((one) => one !== '').join(' or ')}.`;
}

/** Why a rule of `auto_approve` does not approve. */
export const ruleFaults = {
  tooLong: (ms: number): string => `it approves at most ${formatDuration(ms)}`,
  notFor: (groups: readonly string[]): string => `it is only for ${groups.join(', ')}`,
  notOnCall: (sources: readonly string[]): string => `you are not on call now (${sources.join(', ')})`,
  ticketSilent: (ticket: string): string => `${ticket} does not answer`,
  ticketSaysNo: (ticket: string): string => `${ticket} says no`,
};

export function notByRule(rule: string, why: string): string {
  return `  Not approved automatically by rule ${rule}: ${why}.`;
}

export const notSignedInAnew = '  Not approved automatically, because you did not sign in again. An approver is asked.';

export function askingTicket(ticket: string): string {
  return `Checking the ticket with ${ticket}`;
}

/** A rule has approved the request. @param why the answer of the ticket hook, filtered */
export function byRule(rule: string, why: string | undefined): string {
  return `  Approved automatically by rule ${rule} of this host's policy${why === undefined ? '.' : `: ${why}`}`;
}
