// Ends a request whose session no longer runs on the terms of the request (core/terms.ts): what reviewers saw is not what they would open.
// Whoever asked has to ask again.
import type { RequestFacts } from '../../core/request.ts';
import { tellEnd, type TellRequestEndDeps } from './tell-request-end.ts';
import { requestTombstoneId } from './tombstone-id.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Config } from '../../core/policy-types.ts';
import { requestEnds } from '../../core/messages/ends.ts';
import type { PendingAnswers } from './pending-answers.ts';

export interface OutdatedDeps extends TellRequestEndDeps {
  readonly journal: Journal;
  readonly tombstones: Tombstones;
  readonly store: Store;
  readonly config: Config;
  readonly pendingAnswers: PendingAnswers;
}

/**
 * Withdraws the request: journal, tombstone, store, notice, answer. Call it in the turn of the request.
 * @throws Refused JOURNAL_DOWN, REDIS_DOWN
 */
export async function endOutdated(deps: OutdatedDeps, facts: RequestFacts): Promise<'over'> {
  const { id, who, terms, answerBy } = facts;
  const why = requestEnds.outdated;
  await deps.journal.write('withdrawn', { request: id, login: who.login, why, terms });
  await deps.tombstones.add(requestTombstoneId(id), answerBy);
  await deps.store.settle(id, 'withdrawn', deps.config.request.answerWithinMs);
  tellEnd(deps, facts, 'withdrawn', why);
  deps.pendingAnswers.give(id, { state: 'unanswered' });
  return 'over';
}
