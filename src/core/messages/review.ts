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

const may = { more: 'stay in', type: 'attach to', view: 'look on in' } as const;

export function approvedLine({ id, login, place: { session, host }, kind, end, isModerated }: Approved): string {
  const until = end === undefined ? 'its end' : formatClock(end);
  const keys = isModerated ? ` To let them type, look on: ssh -t ${host} ${session} --view` : '';
  return `Approved ${id}: ${login} may ${may[kind]} ${session} until ${until}.${keys}`;
}

export function deniedLine(id: string): string {
  return `Denied ${id}.`;
}

export function decidedElsewhere(id: string, host: string): string {
  return `Review of ${id} is on the board; ${host} decides.`;
}

export function moreApprovalsNeeded(id: string): string {
  return `Your approval of ${id} counts; more are needed.`;
}

export function reviewedTooLate(id: string, verdict: 'approve' | 'deny'): string {
  return verdict === 'approve' ? `Request ${id} was over before your approval counted.` : `Request ${id} was over.`;
}

/** How a request ended, after "Request … is over:". */
export const overAs = {
  answered: 'answered',
  answeredOrWithdrawn: 'answered or withdrawn',
  meanwhile: 'answered or withdrawn meanwhile',
  notTheirs: 'its requester may no longer have it',
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
  return command ?? 'later, when less of it is left';
}

/** What is wrong with a command about a grant of one's own, in the sentence of BAD_COMMAND. */
export const grantProblems = {
  noTime: (typed: string): string => `"${typed}" is no time: write extend 15m`,
  /** @param grants by their requests. */
  several: (grants: readonly string[]): string => `you hold several; name one: ${grants.join(', ')}`,
};
