// Asks for a session of several hosts at the host where the person is (core/batch.ts).
//
// 1. A batch is signed, then journaled, then posted (laws 7 and 8).
// 2. It says only what this host knows: the sign-in here, and what this host wants of the provider. It is not judged by this host's policy: each
//    host judges by its own.
// 3. One person has few batches waiting at a time. Attack: somebody without rights has every host of the fleet work without end (law 12).
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Keys } from '../../adapters/keys.ts';
import type { Store } from '../../adapters/redis/store.ts';
import { batchProof, batchShape, type Batch } from '../../core/batch.ts';
import { requestId, idBytes } from '../../core/ids.ts';
import type { Config } from '../../core/policy-types.ts';
import { Refused } from '../../core/refusal.ts';
import { personOf, type SignIn } from '../../core/sign-in.ts';
import { sanitizeLine } from '../../core/text.ts';
import type { Visitor } from '../identity/visitor.ts';
import type { AskedHere } from './asked-here.ts';
import { hostStates } from './host-states.ts';
import { readBatch, type ReadBatchDeps } from './read-batch.ts';

export interface AskBatchDeps extends ReadBatchDeps {
  readonly host: string;
  readonly config: Config;
  readonly journal: Journal;
  readonly keys: Keys;
  readonly store: Store;
  readonly askedHere: AskedHere;
  random(bytes: number): Uint8Array;
  oneByOne<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** What the person typed. */
export interface AskedOfHosts {
  readonly session: string;
  readonly hosts: readonly string[];
  readonly reason: string;
  readonly durationMs?: number;
  readonly view: boolean;
}

/** Batches of one person that may wait for an answer at once, and that may be in the store at all (rule 3). */
const [mostWaiting, mostEach] = [4, 20];
/** Notes of one person, which stay a day. */
const mostNoted = 60;

/** Posts a batch (rules 1 to 3). @throws Refused MANY_BATCHES, JOURNAL_DOWN, REDIS_DOWN */
export async function askBatch(deps: AskBatchDeps, visitor: Visitor, who: SignIn, asked: AskedOfHosts): Promise<Batch> {
  const batch = batchOf(deps, visitor, who, asked);
  return deps.oneByOne(`batches ${who.login}`, async () => {
    await checkRoom(deps, who);
    const jws = await deps.keys.sign('batch', batch);
    const { id, proof, host, ...told } = batch;
    if (batchShape(JSON.parse(JSON.stringify(batch))) === undefined)
      throw new Refused('INTERNAL', { host }, 'a batch that no host could read');
    await deps.journal.write('batch-requested', { batch: id, ...told });
    if (!(await deps.askedHere.add(batch))) throw manyBatches(deps, who);
    const posted = await deps.store.openRound('batch', { id, jws, end: batch.answerBy });
    if (!posted) throw new Refused('INTERNAL', { host }, `the id of the batch is taken, at ${proof.at}`);
    return batch;
  });
}

function batchOf(deps: AskBatchDeps, visitor: Visitor, who: SignIn, asked: AskedOfHosts): Batch {
  const requestedAt = deps.now();
  return {
    id: requestId(deps.random(idBytes.request)),
    host: deps.host,
    ...{ session: asked.session, hosts: asked.hosts },
    who: personOf(who),
    groups: who.groups,
    address: sanitizeLine(visitor.address, 128),
    fingerprint: visitor.fingerprint,
    reason: asked.reason,
    ...(asked.durationMs === undefined ? {} : { durationMs: asked.durationMs }),
    ...(asked.view ? { mode: 'view' as const } : {}),
    requestedAt,
    answerBy: requestedAt + deps.config.request.answerWithinMs,
    proof: batchProof(who, deps.config.oidc),
  };
}

/** Rule 3, by what is noted here: of the store only what these notes name is read. */
async function checkRoom(deps: AskBatchDeps, who: SignIn): Promise<void> {
  const now = deps.now();
  const all = deps.askedHere.all().filter((note) => note.who.login === who.login);
  const theirs = all.filter((note) => now < note.answerBy);
  if (theirs.length >= mostEach || all.length >= mostNoted) throw manyBatches(deps, who);
  const open = await Promise.all(theirs.map(async ({ batch }) => readBatch(deps, batch)));
  const states = await Promise.all(open.map(async (read) => (read === undefined ? [] : hostStates(deps, read))));
  const waiting = states.filter((some) => some.some(({ state }) => state === 'pending')).length;
  if (waiting >= mostWaiting) throw manyBatches(deps, who);
}

const manyBatches = ({ host }: AskBatchDeps, { login }: SignIn): Refused =>
  new Refused('MANY_BATCHES', { login, max: mostWaiting, host });
