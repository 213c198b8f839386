// A request whose session runs as something else by now (core/terms.ts): what was approved is not there any more, so it is over, and
// whoever asked asks anew.
import type { RequestFacts } from '../../core/request.ts';
import { tellEnd, type TellRequestEndDeps } from './tell-request-end.ts';
import { requestTombstoneId } from './tombstone-id.ts';
import type { Journal } from '../../adapters/journal.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Config } from '../../core/policy-types.ts';
import type { PendingAnswers } from './pending-answers.ts';

export interface OutdatedDeps extends TellRequestEndDeps {
  readonly journal: Journal;
  readonly tombstones: Tombstones;
  readonly store: Store;
  readonly config: Config;
  readonly pendingAnswers: PendingAnswers;
}

/** In the turn of the request. */
export async function endOutdated(deps: OutdatedDeps, facts: RequestFacts): Promise<'over'> {
  const { id, who, terms, answerBy } = facts;
  const why = 'its session no longer runs as what was asked for';
  await deps.journal.write('withdrawn', { request: id, login: who.login, why, terms });
  await deps.tombstones.add(requestTombstoneId(id), answerBy);
  await deps.store.settle(id, 'withdrawn', deps.config.request.answerWithinMs);
  tellEnd(deps, facts, 'withdrawn', why);
  deps.pendingAnswers.give(id, { state: 'unanswered' });
  return 'over';
}
