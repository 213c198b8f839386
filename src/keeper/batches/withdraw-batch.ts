// Withdraws a batch: the host where it was asked for says so, and each of its hosts withdraws its own request.
//
// 1. Only the host where it was asked for withdraws it, by its signature (read-batch.ts). Attack: whoever can write to Redis makes requests
//    disappear from the screens of approvers. (They can delete them, too; this way the journal does not say that the person did it.)
// 2. The record comes first (law 7), and that it is withdrawn is on disk here: it is said again until every host has heard it (follow-asked.ts).
// 3. A host withdraws its request in the turn in which it takes batches up, so neither comes in the middle of the other.
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Log } from '../../adapters/log.ts';
import type { Store } from '../../adapters/redis/store.ts';
import type { Batch } from '../../core/batch.ts';
import { requestTombstoneId } from '../grants/tombstone-id.ts';
import { withdrawRequest, type WithdrawRequestDeps } from '../grants/withdraw-request.ts';
import type { AskedHere } from './asked-here.ts';
import { memberId } from './member-id.ts';
import { memberOf, readBatch, type ReadBatch, type ReadBatchDeps } from './read-batch.ts';

export interface SayWithdrawnDeps {
  readonly keys: Keys;
  readonly store: Store;
  now(): number;
}

export interface WithdrawBatchDeps extends SayWithdrawnDeps {
  readonly journal: Journal;
  readonly askedHere: AskedHere;
  readonly log: Log;
}

/** Rule 2. It holds once this resolves, also when Redis is away. @throws Refused JOURNAL_DOWN, or an error of the file system */
export async function withdrawBatch(deps: WithdrawBatchDeps, { id, who }: Batch): Promise<void> {
  await deps.journal.write('batch-withdrawn', { batch: id, login: who.login });
  await deps.askedHere.mark([id], 'withdrawn');
  await sayWithdrawn(deps, id).catch((error: unknown) =>
    deps.log.warn('withdrawal-not-in-store', { batch: id, error }),
  );
}

/** Tells every host. @throws Refused REDIS_DOWN */
export async function sayWithdrawn(deps: SayWithdrawnDeps, batch: string): Promise<void> {
  const jws = await deps.keys.sign('batch-withdrawal', { batch, at: deps.now() });
  await deps.store.withdrawRound('batch', batch, jws);
}

export interface WithdrawMemberDeps extends ReadBatchDeps, WithdrawRequestDeps {}

/** Withdraws this host's request of a batch that was withdrawn (rules 1 and 3). @throws Refused JOURNAL_DOWN, REDIS_DOWN */
export async function withdrawMember(deps: WithdrawMemberDeps, id: string): Promise<void> {
  await deps.oneByOne(`batch ${id}`, async () => {
    const read = await readBatch(deps, id);
    if (read?.isWithdrawn === true) await withdrawIn(deps, read);
  });
}

/** The same in a turn that is taken already. @throws Refused JOURNAL_DOWN, REDIS_DOWN */
export async function withdrawIn(deps: WithdrawMemberDeps, read: ReadBatch): Promise<void> {
  const mine = await memberOf(deps, read.batch, deps.host);
  if (mine !== undefined) await withdrawRequest(deps, mine.facts);
  // Also where Redis hides the request, or says that it was answered: no review of it counts any more.
  const tombstone = requestTombstoneId(memberId(read.batch.id, deps.host));
  if (!deps.tombstones.has(tombstone)) await deps.tombstones.add(tombstone, read.batch.answerBy);
}
