// Answers from the journal, each read by a thread of its own (worker.ts).
//
// 1. One thread works at a time, and a few questions wait; each login may have only two. Attack: somebody without rights fills processors
//    and memory with long answers. Beyond the limit they are told BUSY, and nobody else is.
// 2. Root on the host is never refused and goes first: an admin who deals with such an attack must not wait behind it.
// 3. An answer is bounded in time and memory, and its thread ends with the conversation that asked. Attack: one question keeps a processor
//    busy for good.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Refused } from '../../core/refusal.ts';
import { minute } from '../../core/time.ts';
import { openWorkQueue } from '../concurrency/work-queue.ts';
import type { HistoryAnswer } from './render.ts';
import type { HistoryQuery, ReviewQuery } from './query.ts';
import type { ReviewAnswer } from './review.ts';
import type { HistoryTask } from './worker.ts';
import type { Journal } from '../../adapters/journal/journal.ts';
import type { Layout } from '../../wire/layout.ts';

export interface ReaderDeps {
  readonly host: string;
  readonly journal: Journal;
  readonly layout: Layout;
}

/** Reads the journal outside the keeper's event loop. */
export interface HistoryReader {
  /**
   * Reads, and passes the answer to `take` while the place in the queue is still held.
   * @param login whose place it takes; undefined for root
   * @throws Refused BUSY; the reason of the signal when that aborts
   */
  read(
    login: string | undefined,
    query: HistoryQuery,
    signal: AbortSignal,
    take: (answer: HistoryAnswer) => Promise<void>,
  ): Promise<void>;
  /** The same for an access review. */
  review(
    login: string | undefined,
    query: ReviewQuery,
    signal: AbortSignal,
    take: (answer: ReviewAnswer) => Promise<void>,
  ): Promise<void>;
}

const longestMs = 2 * minute;
const mostMegabytes = 256;

/** Nothing runs before the first question. */
export function openHistoryReader(deps: ReaderDeps): HistoryReader {
  const places = openWorkQueue({ atOnce: 1, most: 32, mostEach: 2 });
  const inTurn = async <A>(
    login: string | undefined,
    signal: AbortSignal,
    read: () => Promise<A>,
    take: (answer: A) => Promise<void>,
  ): Promise<void> => {
    const turn = places.take(login, signal);
    if (turn === undefined) throw new Refused('BUSY', { host: deps.host }, 'answers from the journal');
    try {
      await turn.begun;
      await take(await read());
    } finally {
      turn.leave();
    }
  };
  return {
    read: async (login, query, signal, take) =>
      inTurn(login, signal, async () => readOnce<HistoryAnswer>(deps, query, signal), take),
    review: async (login, query, signal, take) =>
      inTurn(login, signal, async () => readOnce<ReviewAnswer>(deps, query, signal), take),
  };
}

/** Runs one thread for one question, and ends it (rule 3). @throws Refused BUSY when it takes too long */
async function readOnce<A>(deps: ReaderDeps, query: HistoryTask['query'], signal: AbortSignal): Promise<A> {
  signal.throwIfAborted();
  const { journal, host, layout } = deps;
  const task: HistoryTask = { ...(await journal.extent()), keys: layout.keys, host, query };
  const worker = new Worker(join(layout.programs, 'history.js'), {
    workerData: task,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  });
  const late = AbortSignal.timeout(longestMs);
  const { promise, resolve, reject } = Promise.withResolvers<A>();
  worker.once('message', (answer: A) => resolve(answer));
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('the thread ended without an answer')));
  const stop = (): void =>
    reject(signal.aborted ? (signal.reason as Error) : new Refused('BUSY', { host }, late.reason));
  const end = AbortSignal.any([signal, late]);
  end.addEventListener('abort', stop, { once: true });
  try {
    return await promise;
  } finally {
    end.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
