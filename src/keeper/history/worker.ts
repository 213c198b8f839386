// Reads the journal for one answer, in a thread of its own (law 12), which then ends.
//
// 1. Nothing of this runs on the keeper's event loop: not reading, parsing, verifying the chain, nor printing. Attack: somebody without
//    rights asks eight times for the history of years, and no revocation gets through.
// 2. It does not compete with the keeper: it reads without the thread pool that syncs the journal, and at a lower priority.
// 3. The chain is verified from its first line, whatever is asked for: an answer from a journal that does not verify says so. So does one for
//    which records were removed by age. Accident: a review of a quarter is signed off, and half of its accesses are not listed.
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { parsed } from '../../adapters/journal/read.ts';
import { headReader } from '../../adapters/journal/heads.ts';
import { vouchedLeaves } from '../../adapters/journal/leaves.ts';
import { LogBytes } from '../../adapters/journal/segments.ts';
import { ChainWalk } from '../../adapters/journal/walk.ts';
import { openKeys } from '../../adapters/keys.ts';
import { sha256 } from '../../adapters/sha256.ts';
import { journalChanged, olderRemoved } from '../../core/messages/history.ts';
import type { HistoryQuery, ReviewQuery } from './query.ts';
import type { Reading } from './reading.ts';
import { answerOf, type HistoryAnswer } from './render.ts';
import { reviewReading } from './review.ts';
import { Stories } from './stories.ts';

/** What the thread gets from the keeper. */
export interface HistoryTask {
  /** The journal's file, up to which byte of the journal counts, and the signed head of that moment. */
  readonly path: string;
  readonly bytes: number;
  readonly head: string;
  readonly keys: string;
  readonly host: string;
  readonly query: HistoryQuery | ReviewQuery;
}

const pieceBytes = 256 * 1024;
const leastNice = 10;

async function answer(task: HistoryTask): Promise<HistoryAnswer> {
  const keys = await openKeys({ folder: task.keys, host: task.host, peers: {} });
  const verifyHead = headReader(keys, task.host);
  const signed = await verifyHead(task.head);
  const reading = 'period' in task.query ? reviewReading(task.query, sha256) : historyReading(task.query);
  const leaves = await vouchedLeaves(dirname(task.path), signed);
  using log = LogBytes.open(task.path);
  const { first } = log;
  const walk = new ChainWalk({ verifyHead, sha256, signed, leaves, first, doubt: (from) => reading.doubt(from) });
  let begins: unknown;
  for (const text of wholeLines(log, task.bytes)) {
    const record = parsed(text);
    begins ??= record?.['at'];
    const verified = await walk.step(text, record);
    if (record !== undefined) reading.take(record, walk.records, verified);
  }
  const head = walk.compare(signed);
  const isSigned = head === 'matches' || head === 'behind';
  const told = reading.answer();
  const removed = first > 1 && Date.parse(String(begins)) > sinceOf(task.query) ? [olderRemoved(first - 1)] : [];
  const isSound = isSigned && isUnchanged(walk) && removed.length === 0;
  return { ...told, notes: [...told.notes, ...removed, ...doubts(walk, isSigned)], isSound };
}

/** The instant from which on it is asked for, ms. */
const sinceOf = (query: HistoryTask['query']): number =>
  'period' in query ? query.period.from : Date.parse(query.since);

function historyReading(query: HistoryQuery): Reading<HistoryAnswer> {
  const stories = new Stories(query);
  return {
    take: (entry, line, verified) => stories.take(entry, line, verified),
    doubt: (from) => stories.doubt(from),
    answer: () => {
      const told = stories.told();
      return answerOf(told, query, stories.isCut);
    },
  };
}

/** Whether nothing is wrong but what root has accepted. */
function isUnchanged({ faults, more, accepted }: ChainWalk): boolean {
  const from = accepted.at(-1)?.line ?? 0;
  return more === 0 && faults.every(({ line }) => line <= from);
}

/** What the asker is told of a journal that does not verify (rule 3). */
function doubts({ faults, more }: ChainWalk, isSigned: boolean): readonly string[] {
  if (faults.length === 0 && isSigned) return [];
  const places = faults.slice(0, 10).map(({ line }) => line);
  return journalChanged([...places.map(String), ...(faults.length + more > places.length ? ['…'] : [])]);
}

/** Rule 2. Latin-1, as in adapters/journal/read.ts: the chain's digests are over bytes. */
function* wholeLines(log: LogBytes, bytes: number): Generator<string> {
  const piece = Buffer.alloc(pieceBytes);
  let rest = '';
  for (let at = log.start; at < bytes;) {
    const { count, next } = log.readSync(piece, { offset: 0, length: Math.min(pieceBytes, bytes - at) }, at);
    if (count === 0 || next - count >= bytes) return;
    at = next;
    const lines = (rest + piece.toString('latin1', 0, count)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

// setpriority(2): on Linux, 0 means the calling thread alone.
setPriority(0, leastNice);
parentPort?.postMessage(await answer(workerData as HistoryTask));
