// What the services tell the metrics: refusals, and how long ends took.
import type { Meters } from '../../adapters/metrics/meters.ts';
import { foldSeen } from '../../core/metrics/fold.ts';
import { most } from '../../core/metrics/table.ts';
import { refusals, type RefusalCode } from '../../core/refusals.ts';
import { second } from '../../core/time.ts';
import type { Connections } from '../connections/connections.ts';
import type { LiveGrants } from '../grants/live-grants.ts';
import { guards } from '../notices/alarms.ts';
import type { RefusalLog } from '../notices/refusal-log.ts';

export interface FollowDeps {
  readonly connections: Pick<Connections, 'onGone'>;
  readonly liveGrants: Pick<LiveGrants, 'onEnd' | 'find'>;
  readonly refusalLog: Pick<RefusalLog, 'onRefused'>;
  readonly endsSettled: () => Promise<void>;
  /** Instant, ms. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody can set. */
  readonly monotonicNow: () => number;
}

/** Codes of which the first one counts, so that each has its series from the start. */
export const watchedCodes: readonly RefusalCode[] = [
  ...guards,
  ...(['PROVIDER_DOWN', 'TOKEN_REFUSED', 'PIN_MISMATCH', 'LOCKED', 'BUSY', 'INTERNAL'] as const),
];

/** From now on counts and measures what the services tell. @returns what to call with the id of each new tombstone */
export function follow(deps: FollowDeps, meters: Meters): (id: string) => void {
  followRefusals(deps, meters);
  followConnections(deps, meters);
  return followRevocations(deps, meters);
}

function followRefusals({ refusalLog }: FollowDeps, meters: Meters): void {
  const fold = foldSeen(new Set(Object.keys(refusals)), watchedCodes, most.codes);
  const count = (code: string, by: number): void =>
    meters.count({ metric: 'tmux_gate_visits_total', labels: { outcome: 'refused', code: fold(code) } }, by);
  for (const code of watchedCodes) count(code, 0);
  refusalLog.onRefused((code) => count(code, 1));
}

/** An end that came early, because somebody left or was cut, is not late. One that failed is counted as such (`end-failed`). */
function followConnections({ connections, now }: FollowDeps, meters: Meters): void {
  connections.onGone(({ end, over }) => {
    const late = now() - end;
    if (late < 0) return;
    over?.then(
      () => meters.observe('tmux_gate_end_lateness_seconds', late / second),
      () => undefined,
    );
  });
}

/** A revocation begins with the tombstone of a live grant (grants/revoke.ts, rule 1). */
function followRevocations(
  { liveGrants, endsSettled, monotonicNow }: FollowDeps,
  meters: Meters,
): (id: string) => void {
  const begun = new Map<string, number>();
  liveGrants.onEnd(({ live, why }) => {
    const since = begun.get(live.grant.id) ?? monotonicNow();
    begun.delete(live.grant.id);
    if (why !== 'revoked') return;
    void endsSettled().then(() => meters.observe('tmux_gate_revocation_seconds', (monotonicNow() - since) / second));
  });
  return (id) => {
    if (liveGrants.find(id) !== undefined) begun.set(id, monotonicNow());
  };
}
