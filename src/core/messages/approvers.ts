// Who may review, as text: groups of the policy and people on call. Words of an on-call source are filtered (law 9).
import type { Duty } from '../on-call.ts';
import type { SessionPolicy } from '../policy-types.ts';
import { sanitizeLine } from '../text.ts';

const mostShown = 6;

/** Who may review, as text for a screen: `oncall, or whoever is on call (primary: bob, carol)`. Words of a source are filtered (law 9). */
export function approversSaid({ approvers }: SessionPolicy, { named }: Pick<Duty, 'named'>): string {
  const sources = (approvers.onCall ?? []).map((source) => `${source}: ${peopleSaid(named.get(source) ?? [])}`);
  const byGroup = approvers.groups.length === 0 ? [] : [approvers.groups.join(', ')];
  return [...byGroup, ...(sources.length === 0 ? [] : [onCallSaid(sources)])].join(', or ');
}

/** @param sources what the sources of the policy are called, each perhaps with whom it names */
export function onCallSaid(sources: readonly string[]): string {
  return `whoever is on call (${sources.join('; ')})`;
}

function peopleSaid(people: readonly string[]): string {
  const shown = people.slice(0, mostShown).map((word) => sanitizeLine(word, 64));
  const more = people.length - shown.length;
  return shown.length === 0 ? 'nobody now' : [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** @param said the above. */
export function neededOf(count: number, said: string): string {
  return `${count} ${count === 1 ? 'approval' : 'approvals'} from ${said}`;
}

/** Of a session on another host, whose policy is not known here. */
export const approverThere = 'an approver of its host';
export const anApprover = 'an approver';
