// What a record of the journal adds to the counters: so each thing is counted once, where it is proved, and no service counts anything.
import type { EventName } from '../events/events.ts';
import type { Count } from './table.ts';

const plain = { labels: {} } as const;
const requestEnd = (outcome: string): Count => ({ metric: 'tmux_gate_request_ends_total', labels: { outcome } });
const breakGlass = (code: string): Count => ({ metric: 'tmux_gate_break_glass_total', labels: { code } });
const grantEnd = (why: string): Count => ({ metric: 'tmux_gate_grant_ends_total', labels: { why } });
const contradiction: Count = { metric: 'tmux_gate_journal_contradictions_total', ...plain };

const counted: Readonly<Partial<Record<EventName, Count>>> = {
  connected: { metric: 'tmux_gate_visits_total', labels: { outcome: 'attached', code: '' } },
  'sign-in': { metric: 'tmux_gate_sign_ins_total', ...plain },
  requested: { metric: 'tmux_gate_requests_total', ...plain },
  granted: requestEnd('granted'),
  denied: requestEnd('denied'),
  withdrawn: requestEnd('withdrawn'),
  lapsed: requestEnd('lapsed'),
  unanswered: requestEnd('unanswered'),
  'break-glass': breakGlass('used'),
  'break-glass-wrong': breakGlass('wrong'),
  'end-failed': { metric: 'tmux_gate_ends_failed_total', ...plain },
  'notice-failed': { metric: 'tmux_gate_notices_failed_total', ...plain },
  'notices-held-back': { metric: 'tmux_gate_notices_held_back_total', ...plain },
  'fork-seen': contradiction,
  'witness-contradicts': contradiction,
};

const whys: ReadonlySet<unknown> = new Set(['expired', 'revoked', 'withdrawn']);

/** What a record adds, besides one record. @param fields as the journal was given them */
export function countOf(event: string, fields: Readonly<Record<string, unknown>>): Count | undefined {
  if (event === 'grant-ended' && whys.has(fields['why'])) return grantEnd(String(fields['why']));
  return Object.hasOwn(counted, event) ? counted[event as EventName] : undefined;
}

/** Counters that are there with 0 from the start: an alert on an increase needs to see the 0 before the 1. */
export const countsFromZero: readonly Count[] = [
  ...Object.values(counted),
  ...['expired', 'revoked', 'withdrawn'].map(grantEnd),
];
