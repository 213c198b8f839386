// Withdraws a request whose person no longer wants it.
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Config } from '../../core/policy-types.ts';
import type { RequestFacts } from '../../core/request.ts';
import type { Tombstones } from '../state/tombstones.ts';
import type { PendingAnswers } from './pending-answers.ts';
import { tellEnd, type TellRequestEndDeps } from './tell-request-end.ts';
import { requestTombstoneId } from './tombstone-id.ts';

export interface WithdrawRequestDeps extends TellRequestEndDeps {
  readonly config: Config;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
  readonly journal: Journal;
  readonly store: Store;
  readonly tombstones: Tombstones;
  readonly pendingAnswers: PendingAnswers;
}

/**
 * In the turn of the request: what was answered first is not recorded as withdrawn, and what was withdrawn stays so.
 * @throws Refused JOURNAL_DOWN, REDIS_DOWN
 */
export async function withdrawRequest(deps: WithdrawRequestDeps, facts: RequestFacts): Promise<void> {
  const { id, who, answerBy } = facts;
  await deps.oneByOne(`request ${id}`, async () => {
    const entry = await deps.store.find(id);
    if (entry?.state !== 'pending') return;
    await deps.journal.write('withdrawn', { request: id, login: who.login });
    await deps.tombstones.add(requestTombstoneId(id), answerBy);
    await deps.store.settle(id, 'withdrawn', deps.config.request.answerWithinMs);
    deps.pendingAnswers.give(id, { state: 'withdrawn' });
    tellEnd(deps, facts, 'withdrawn');
  });
}
