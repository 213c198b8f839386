// A request as everybody reads it: who waits for it, and who decides. Every text that a person wrote is filtered again on the way out
// (law 9).
import type { RequestFacts } from '../request.ts';
import { sanitizeLine } from '../text.ts';
import { formatClock, formatDuration, formatInstant } from '../time.ts';

/** How a person who decides reads that a request is for viewing. */
export const typesNothing = 'view: types nothing';

/** The whole request, a fact a line, narrow enough for forty columns where its words are. */
export function factLines(facts: RequestFacts): readonly string[] {
  return [
    `  Who       ${sanitizeLine(facts.who.login, 64)} (${sanitizeLine(facts.who.claim, 120)})`,
    `  From      ${sanitizeLine(facts.address, 64)} (claimed)`,
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

/** @param verdict what the reader is about to decide, where it is they who decide. */
export function requestHead(id: string, verdict?: 'approve' | 'deny'): string {
  return verdict === undefined ? `  Request ${id}` : `  Request ${id}: ${verdict}`;
}

/** @param ms as long as the reviewer lets it be at most. */
export function shorterLine(ms: number): string {
  return `  Shorter   at most ${formatDuration(ms)}`;
}

/** @param names those of them who are known here; none where nobody is. */
export function approversLine(approvers: string, names: readonly string[], areMore: boolean): string {
  const known = names.length === 0 ? '' : `: ${names.join(', ')}${areMore ? ', …' : ''}`;
  return `  Approver  ${approvers}${known}`;
}

export function forwardLine(host: string, id: string): string {
  return `  Forward   ssh ${host} approve ${id}`;
}
