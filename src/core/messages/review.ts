// What comes of a review, of more time, and of a grant that is given back.
import { formatClock, formatDuration } from '../time.ts';
import type { Place } from './attached.ts';

export interface Approved {
  readonly id: string;
  readonly login: string;
  readonly place: Place;
  /** More of what they have, to type, or to view. */
  readonly kind: 'more' | 'type' | 'view';
  /** Instant; undefined where it has ended already. */
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

/** How a request is over, behind "Request … is over:". */
export const overAs = {
  answered: 'answered',
  answeredOrWithdrawn: 'answered or withdrawn',
  meanwhile: 'answered or withdrawn meanwhile',
  notTheirs: 'its requester may no longer have it',
};

/** @param what the request of the grant that goes on. @param left milliseconds. */
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

/** Whose grants, behind "There is no live grant". */
export const whose = { yours: 'of yours', root: 'of root' };

/** The reason of whoever gives back, as the journal has it. */
export const givenBack = 'given back';

/** @param command to type instead; undefined where nothing can be had now. */
export function lessTime(command: string | undefined): string {
  return command ?? 'later, when less of it is left';
}

/** What is wrong with a command about a grant of one's own, in the sentence of BAD_COMMAND. */
export const grantProblems = {
  noTime: (typed: string): string => `"${typed}" is no time: write extend 15m`,
  /** @param grants by their requests. */
  several: (grants: readonly string[]): string => `you hold several; name one: ${grants.join(', ')}`,
};
