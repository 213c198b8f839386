// How facts look on a screen, in the same words for requester, reviewer and listings.
import { isBreakGlass } from '../core/break-glass.ts';
import { approvedBy, type Grant } from '../core/grant.ts';

/** Who approved, for a table; of a break-glass grant, nobody. */
export function approvalOf(grant: Pick<Grant, 'who' | 'approvers' | 'auto'>): string {
  return isBreakGlass(grant) ? 'break-glass' : approvedBy(grant);
}
