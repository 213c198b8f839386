// Reads batches from the store (law 8).
//
// 1. A batch counts only if the host where it was asked for signed it, for itself and under this id, and if its time is not over. Attack:
//    somebody writes a batch into Redis.
// 2. What a host says of it counts only with that host's signature, and if the batch names that host. Attack: somebody says in the name of a
//    host that it refused.
// 3. Its requests are those of its hosts under the ids that follow from it (member-id.ts), if they are of this batch (core/batch.ts, rule 2).
import type { StoredRound } from '../../adapters/redis/rounds.ts';
import type { RequestState } from '../../adapters/redis/replies.ts';
import type { Store } from '../../adapters/redis/store.ts';
import {
  batchAnswerShape,
  batchShape,
  batchWithdrawalShape,
  isOfBatch,
  type Batch,
  type BatchAnswer,
} from '../../core/batch.ts';
import { readRequest, type ReadRequest, type ReadRequestDeps } from '../grants/read-request.ts';
import { memberId } from './member-id.ts';

export interface ReadBatchDeps extends ReadRequestDeps {
  readonly store: Store;
}

/** A verified batch. */
export interface ReadBatch {
  readonly batch: Batch;
  /** By host; a host that says nothing is not in it. */
  readonly answers: ReadonlyMap<string, BatchAnswer>;
  readonly isWithdrawn: boolean;
}

/** One request of a batch. */
export interface Member extends ReadRequest {
  readonly state: RequestState;
}

/** The batch; undefined when there is none that counts. @throws Refused REDIS_DOWN */
export async function readBatch(deps: ReadBatchDeps, id: string): Promise<ReadBatch | undefined> {
  const stored = await deps.store.findRound('batch', id);
  return stored === undefined ? undefined : verified(deps, stored);
}

async function verified(deps: ReadBatchDeps, stored: StoredRound): Promise<ReadBatch | undefined> {
  const read = await deps.keys.verify(stored.jws, 'batch', batchShape);
  if (read === undefined || read.host !== read.value.host || read.value.id !== stored.id) return undefined;
  const batch = read.value;
  if (batch.answerBy <= deps.now()) return undefined;
  const said = await Promise.all(stored.answers.map(async ({ jws }) => answerOf(deps, batch, jws)));
  const answers = new Map(said.flatMap((answer) => (answer === undefined ? [] : [[answer.host, answer] as const])));
  return { batch, answers, isWithdrawn: await isWithdrawn(deps, batch, stored.withdrawal) };
}

/** Rule 2. */
async function answerOf(deps: ReadBatchDeps, batch: Batch, jws: string): Promise<BatchAnswer | undefined> {
  const read = await deps.keys.verify(jws, 'batch-answer', batchAnswerShape);
  const ofThis = read?.value.batch === batch.id && read.host === read.value.host && batch.hosts.includes(read.host);
  return ofThis ? read.value : undefined;
}

/** Only the host where it was asked for withdraws it. */
async function isWithdrawn(deps: ReadBatchDeps, batch: Batch, jws: string | undefined): Promise<boolean> {
  if (jws === undefined) return false;
  const read = await deps.keys.verify(jws, 'batch-withdrawal', batchWithdrawalShape, batch.host);
  return read?.value.batch === batch.id;
}

/** The requests of a batch, in the order of its hosts (rule 3). @throws Refused REDIS_DOWN */
export async function membersOf(deps: ReadBatchDeps, { batch }: Pick<ReadBatch, 'batch'>): Promise<readonly Member[]> {
  const found = await Promise.all(batch.hosts.map(async (host) => memberOf(deps, batch, host)));
  return found.filter((member) => member !== undefined);
}

/** The request of one of its hosts. @throws Refused REDIS_DOWN */
export async function memberOf(deps: ReadBatchDeps, batch: Batch, host: string): Promise<Member | undefined> {
  const entry = await deps.store.find(memberId(batch.id, host));
  const read = entry === undefined ? undefined : await readRequest(deps, entry);
  if (entry === undefined || read?.facts.host !== host || !isOfBatch(read.facts, batch)) return undefined;
  return { ...read, state: entry.state };
}
