// The messages about the result of a review, about extensions, and about grants that are given back.
import { formatClock, formatDuration } from '../time.ts';
import type { Place } from './attached.ts';

export interface Approved {
  readonly id: string;
  readonly login: string;
  readonly place: Place;
  /** Whether it gives more time, access for typing, or access for viewing. */
  readonly kind: 'more' | 'type' | 'view';
  /** Instant, ms; undefined when it has ended already. */
  readonly end: number | undefined;
  /** Whether they type only while the approver is attached. */
  readonly isModerated: boolean;
}

const can = { more: 'can use', type: 'can now use', view: 'can now watch' } as const;

export function approvedLine({ id, login, place: { session, host }, kind, end, isModerated }: Approved): string {
  if (end === undefined) return `Approved ${id}, but the access of ${login} to ${session} has ended again.`;
  const keys = isModerated ? ` To let them type, watch: ssh -t ${host} ${session} --view` : '';
  return `Approved ${id}: ${login} ${can[kind]} ${session} until ${formatClock(end)}.${keys}`;
}

export function deniedLine(id: string): string {
  return `Denied ${id}.`;
}

export function decidedElsewhere(id: string, host: string): string {
  return `Your review of ${id} was sent to ${host}, which decides.`;
}

export function moreApprovalsNeeded(id: string): string {
  return `Your approval of ${id} counts. It needs more approvals.`;
}

export function reviewedTooLate(id: string, verdict: 'approve' | 'deny'): string {
  return verdict === 'approve'
    ? `Request ${id} was answered or withdrawn before your approval counted.`
    : `Request ${id} was answered or withdrawn before.`;
}

/** How a request ended, after "Request … is over:". */
export const overAs = {
  answered: 'answered',
  answeredOrWithdrawn: 'answered or withdrawn',
  meanwhile: 'answered or withdrawn meanwhile',
  notTheirs: 'the requester no longer has the right to it',
};

/** A grant was extended. @param what the request of that grant. @param end instant, ms. @param left milliseconds */
export function extendedLine(what: string, { session, host }: Place, end: number, left: number): string {
  return `Extended ${what}: ${session} on ${host} until ${formatClock(end)} (${formatDuration(left)} left).`;
}

export interface GivenBack {
  readonly id: string;
  readonly request: string;
  readonly session: string;
}

export function gaveBack({ id, request, session }: GivenBack): string {
  return `Gave back ${id} (request ${request}) for ${session}.`;
}

/** Whose grants, after "There is no live grant". */
export const whose = { yours: 'of yours', root: 'of root' };

/** The reason in the journal when the owner gives a grant back. */
export const givenBack = 'given back';

/** The hint when less time can be had than was asked for. @param command to type instead; undefined when no time can be had now */
export function lessTime(command: string | undefined): string {
  return command ?? 'again later, when less time is left';
}

/** What is wrong with a command about a grant of one's own, in the sentence of BAD_COMMAND. */
export const grantProblems = {
  noTime: (typed: string): string => `Not a time: "${typed}". Type: extend 15m`,
  /** @param grants by their requests. */
  several: (grants: readonly string[]): string => `You have access to several sessions. Name one: ${grants.join(', ')}`,
};
