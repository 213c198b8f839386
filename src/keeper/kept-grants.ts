// The live grants of this host in a file of root's own, for the keeper that starts next.
//
// 1. While Redis does not answer, who is in, and what runs for them, ends with its grant and not with a restart (design section 8).
//    It opens nothing: a visit reads the board, always (law 8). Attack: an old copy of this file in place of a lost Redis.
// 2. What was revoked meanwhile is tombstoned, and what is over is over, whatever the file says (laws 4 and 5).
// 3. It knows where the boot clock stands at each end. Attack: the wall clock is set back and the keeper restarted.
// 4. Once Redis answers, it is the truth: the next look withdraws what it does not have (board-watch, rule 2).
import { readState, writeState } from '../adapters/state-file.ts';
import { grantShape, type Grant, type LiveGrant } from '../core/grant.ts';
import { integer, list, object } from '../core/shape.ts';
import type { House } from './house.ts';
import { isOnTerms } from './visit/grant.ts';

/** With these the file stays below what a state file may hold. */
const mostKept = 1_000;
const keptShape = list(object({ grant: grantShape, keyEnd: integer(0), boot: integer(0) }), mostKept);
export type KeptGrant = NonNullable<ReturnType<typeof keptShape>>[number];

/** Not awaited by what opens or ends a grant: without the file a restart ends more, never less. */
export async function keepGrants({ layout, book, log }: House): Promise<void> {
  const bootEnd = ({ grant }: LiveGrant): number => Math.ceil(book.deadlineOf(grant.id)?.boot ?? 0);
  const kept = book.all().map((live): KeptGrant => ({ ...live, boot: bootEnd(live) }));
  await writeState(layout.grants, kept.slice(-mostKept), false, keptShape).catch((error: unknown) => {
    log.warn('grants-not-kept', { error });
  });
}

/** Rule 2. */
export async function recallGrants(house: House): Promise<readonly KeptGrant[]> {
  const { layout, tombstones, log } = house;
  const kept = await readState(layout.grants, keptShape).catch((error: unknown) => {
    log.warn('grants-not-recalled', { error });
    return undefined;
  });
  const stands = (grant: Grant): boolean =>
    grant.end > house.now() && !tombstones.has(grant.id) && isOnTerms(house, grant);
  return (kept ?? []).filter(({ grant }) => stands(grant));
}
