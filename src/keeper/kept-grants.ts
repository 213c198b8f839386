// The live grants of this host in a file of root's own, for a keeper that starts while Redis does not answer (design section 8):
// who is in, and what runs for them, ends with its grant and not with a restart.
//
// 1. It opens nothing: a visit reads the board, always (law 8). Attack: an old copy of this file in place of a lost Redis.
// 2. What was revoked meanwhile is tombstoned, and what is over is over, whatever the file says (laws 4 and 5).
// 3. Once Redis answers, it is the truth: the next look withdraws what it does not have (board-watch, rule 2).
import { readState, writeState } from '../adapters/state-file.ts';
import { grantShape } from '../core/grant.ts';
import { integer, list, object } from '../core/shape.ts';
import type { House } from './house.ts';

/** With these the file stays below what a state file may hold. */
const mostKept = 1_000;
const keptShape = list(object({ grant: grantShape, keyEnd: integer(0) }), mostKept);

/** Not awaited by what opens or ends a grant: without the file a restart ends more, never less. */
export async function keepGrants({ layout, book, log }: House): Promise<void> {
  await writeState(layout.grants, book.all().slice(-mostKept), false).catch((error: unknown) => {
    log.warn('grants-not-kept', { error });
  });
}

/** Rule 2. */
export async function recallGrants(house: House): Promise<void> {
  const { layout, book, tombstones, log } = house;
  const kept = await readState(layout.grants, keptShape).catch((error: unknown) => {
    log.warn('grants-not-recalled', { error });
    return undefined;
  });
  for (const live of kept ?? []) if (live.grant.end > house.now() && !tombstones.has(live.grant.id)) book.add(live);
}
