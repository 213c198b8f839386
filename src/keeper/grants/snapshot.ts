// The live grants of this host in a file that only root can write, for the keeper that starts next.
//
// 1. If a keeper starts while Redis does not answer, live connections and sessions go on to the end of their grants
//    (docs/design.md, "When something is gone"). The file opens nothing: a visit always reads the store (law 8). Attack: somebody puts an
//    old copy of this file in place and takes Redis away.
// 2. What was revoked since has a tombstone, and what is over is over, whatever the file says (laws 4 and 5).
// 3. It notes what the boot clock shows at each end. Attack: the wall clock is set back and the keeper restarted.
// 4. Once Redis answers, Redis decides: the next look at the store withdraws grants that it does not have (store-sync.ts, rule 2).
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

/** So many grants fit into a state file. */
const mostKept = 1_000;
const keptShape = list(object({ grant: grantShape, keyEnd: integer(0), boot: integer(0) }), mostKept);
/** A live grant, and what the boot clock shows at its end (`boot`, ms). */
export type KeptGrant = NonNullable<ReturnType<typeof keptShape>>[number];

/** Writes the live grants. Callers need not wait: without the file, a restart ends more, never less. Never rejects. */
export async function saveSnapshot({ layout, liveGrants, log }: SnapshotDeps): Promise<void> {
  const bootEnd = ({ grant }: LiveGrant): number => Math.ceil(liveGrants.deadlineOf(grant.id)?.boot ?? 0);
  const kept = liveGrants.all().map((live): KeptGrant => ({ ...live, boot: bootEnd(live) }));
  await writeState(layout.grants, kept.slice(-mostKept), false, keptShape).catch((error: unknown) => {
    log.warn('grants-not-kept', { error });
  });
}

/** The grants of the file that are still valid (rule 2); none when the file cannot be read. */
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
