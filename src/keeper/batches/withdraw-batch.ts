// Withdraws a batch: the host where it was asked for says so, and each of its hosts withdraws its own request.
//
// 1. Only the host where it was asked for withdraws it, by its signature (read-batch.ts). Attack: whoever can write to Redis makes requests
//    disappear from the screens of approvers. (They can delete them, too; this way the journal does not say that the person did it.)
// 2. The record comes first (law 7).
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Batch } from '../../core/batch.ts';
import { withdrawRequest, type WithdrawRequestDeps } from '../grants/withdraw-request.ts';
import { membersOf, readBatch, type ReadBatchDeps } from './read-batch.ts';

export interface WithdrawBatchDeps extends ReadBatchDeps {
  readonly journal: Journal;
}

/** @throws Refused JOURNAL_DOWN, REDIS_DOWN */
export async function withdrawBatch(deps: WithdrawBatchDeps, { id, who }: Batch): Promise<void> {
  await deps.journal.write('batch-withdrawn', { batch: id, login: who.login });
  await deps.store.withdrawRound('batch', id, await deps.keys.sign('batch-withdrawal', { batch: id, at: deps.now() }));
}

export interface WithdrawMemberDeps extends ReadBatchDeps, WithdrawRequestDeps {}

/** Withdraws this host's request of a batch that was withdrawn (rule 1). @throws Refused JOURNAL_DOWN, REDIS_DOWN */
export async function withdrawMember(deps: WithdrawMemberDeps, id: string): Promise<void> {
  const read = await readBatch(deps, id);
  if (read?.isWithdrawn !== true) return;
  const mine = (await membersOf(deps, read)).find(({ facts }) => facts.host === deps.host);
  if (mine !== undefined) await withdrawRequest(deps, mine.facts);
}
