// A request, as requester and reviewers read it. Every text that a person wrote is filtered again when it is shown (law 9).
import type { RequestFacts } from '../request.ts';
import { personName } from '../person-name.ts';
import { sanitizeLine } from '../text.ts';
import { formatClock, formatDuration, formatInstant } from '../time.ts';

/** How a person who decides reads that a request is for viewing. */
export const typesNothing = 'view only, cannot type';

/** The whole request, a fact a line; lines fit into forty columns if the texts in them do. */
export function factLines(facts: RequestFacts): readonly string[] {
  return [
    `  Who       ${personName(facts.who)}`,
    `  From      ${sanitizeLine(facts.address, 64)} (unverified)`,
    `  Session   ${sanitizeLine(facts.session, 32)} on ${sanitizeLine(facts.host, 64)}, as ${sanitizeLine(facts.account, 64)}`,
    `  Reason    ${sanitizeLine(facts.reason, 400)}`,
    howLong(facts),
    ...(facts.mode === undefined ? [] : [`  Mode      ${typesNothing}`]),
    `  Asked     ${formatInstant(facts.requestedAt)}`,
  ];
}

function howLong({ durationMs, extends: prolonged }: RequestFacts): string {
  const time = formatDuration(durationMs);
  if (prolonged === undefined) return `  For       ${time}`;
  return `  Extends   ${sanitizeLine(prolonged.grant, 16)}, until ${formatClock(prolonged.until)}; ${time} more`;
}

/** The heading of a request. @param verdict what the reader is about to decide, if they are a reviewer */
export function requestHead(id: string, verdict?: 'approve' | 'deny'): string {
  return verdict === undefined ? `  Request ${id}` : `  You are about to ${verdict.toUpperCase()} request ${id}`;
}

/** The shorter time that a reviewer allows. @param grantedMs at most so long */
export function shorterLine(grantedMs: number, askedMs: number): string {
  return `  You grant ${formatDuration(grantedMs)} (asked ${formatDuration(askedMs)})`;
}

/** Who may review. @param names the recent users among them; empty when there are none */
export function approversLine(approvers: string, names: readonly string[], areMore: boolean): string {
  const known = names.length === 0 ? '' : `: ${names.join(', ')}${areMore ? ', …' : ''}`;
  return `  Needs     ${approvers}${known}`;
}

export function forwardLine(host: string, id: string): string {
  return `  Send this to an approver:  ssh ${host} approve ${id}`;
}
