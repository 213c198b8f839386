// The live grants of this host in a file of root's own, for the keeper that starts next.
//
// 1. While Redis does not answer, who is in, and what runs for them, ends with its grant and not with a restart (docs/design.md, "When something is gone").
//    It opens nothing: a visit reads the board, always (law 8). Attack: an old copy of this file in place of a lost Redis.
// 2. What was revoked meanwhile is tombstoned, and what is over is over, whatever the file says (laws 4 and 5).
// 3. It knows where the boot clock stands at each end. Attack: the wall clock is set back and the keeper restarted.
// 4. Once Redis answers, it is the truth: the next look withdraws what it does not have (store-sync.ts, rule 2).
import { readState, writeState } from '../../adapters/state-file.ts';
import { grantShape, type Grant, type LiveGrant } from '../../core/grant.ts';
import { integer, list, object } from '../../core/shape.ts';
import { isOnTerms, type GrantChecksDeps } from './grant-checks.ts';
import type { Layout } from '../../wire/layout.ts';
import type { LiveGrants } from './live-grants.ts';
import type { Log } from '../../adapters/log.ts';
import type { Tombstones } from '../state/tombstones.ts';

export interface SnapshotDeps extends GrantChecksDeps {
  readonly layout: Layout;
  readonly liveGrants: LiveGrants;
  readonly log: Log;
  readonly tombstones: Tombstones;
  now(): number;
}

/** With these the file stays below what a state file may hold. */
const mostKept = 1_000;
const keptShape = list(object({ grant: grantShape, keyEnd: integer(0), boot: integer(0) }), mostKept);
export type KeptGrant = NonNullable<ReturnType<typeof keptShape>>[number];

/** Not awaited by what opens or ends a grant: without the file a restart ends more, never less. */
export async function saveSnapshot({ layout, liveGrants, log }: SnapshotDeps): Promise<void> {
  const bootEnd = ({ grant }: LiveGrant): number => Math.ceil(liveGrants.deadlineOf(grant.id)?.boot ?? 0);
  const kept = liveGrants.all().map((live): KeptGrant => ({ ...live, boot: bootEnd(live) }));
  await writeState(layout.grants, kept.slice(-mostKept), false, keptShape).catch((error: unknown) => {
    log.warn('grants-not-kept', { error });
  });
}

/** Rule 2. */
export async function readSnapshot(deps: SnapshotDeps): Promise<readonly KeptGrant[]> {
  const { layout, tombstones, log } = deps;
  const kept = await readState(layout.grants, keptShape).catch((error: unknown) => {
    log.warn('grants-not-recalled', { error });
    return undefined;
  });
  const stands = (grant: Grant): boolean =>
    grant.end > deps.now() && !tombstones.has(grant.id) && isOnTerms(deps, grant);
  return (kept ?? []).filter(({ grant }) => stands(grant));
}
