// Follows a journal from a place on: what is there, and then what is added.
//
// 1. A batch has whole lines alone. A line without its newline is being written, or was torn by a crash.
// 2. Whoever goes on from a place goes on in the same journal: the line before it has the digest that was noted. Accident or attack: the
//    journal was moved aside, cut or rolled back, and records are taken for those that were sent already.
// 3. Where records behind the place were removed by age, it does not go on as if they were sent. Accident: a collector was away for longer
//    than the journal is kept, and nobody learns that it lacks records.
import { once } from 'node:events';
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../../core/chain.ts';
import { type Anchor, isAt } from './anchor.ts';
import { wholeEnd } from './end.ts';
import { journalLines, parsed } from './read.ts';
import { segmentsIn } from './segments.ts';

/** Lines as they stand, Latin-1, and the place behind the last of them. */
export interface Batch {
  readonly lines: readonly string[];
  readonly place: Anchor;
}

/** The journal is not the one that was followed up to a place (rule 2). */
export class OtherJournal extends Error {
  override readonly name = 'OtherJournal';
}

/** Records behind the place were removed (rule 3). */
export class RecordsRemoved extends Error {
  override readonly name = 'RecordsRemoved';
  /** The number of the first record that is there. */
  readonly first: number;

  constructor(first: number) {
    super(`records before ${String(first)} were removed`);
    this.first = first;
  }
}

export interface FollowOptions {
  readonly sha256: Digest;
  /** Where to begin; undefined: at the first record. */
  readonly from?: Anchor | undefined;
  /** Ends the following. Undefined: it ends with the last line that is there. */
  readonly until?: AbortSignal | undefined;
}

const batchOf = 256;
/** In case the system tells of no change: a folder on a network. */
const lookAgainMs = 5000;

/** @throws OtherJournal, RecordsRemoved, or an Error of the system */
export async function* followJournal(path: string, options: FollowOptions): AsyncGenerator<Batch> {
  const { first, start } = segmentsIn(dirname(path))[0] ?? { first: 1, start: 0 };
  let place = options.from ?? { n: first - 1, hash: '', bytes: start };
  const { until, sha256 } = options;
  if (place.bytes < start) throw new RecordsRemoved(first);
  if (options.from !== undefined && !(await isThere(path, place, start, sha256))) throw new OtherJournal();
  // Watched before it is read, so that no change comes between.
  const changes = until === undefined ? undefined : changesOf(path, until);
  do {
    for await (const batch of batchesFrom(path, place, sha256)) {
      yield batch;
      place = batch.place;
    }
    await changes?.next();
  } while (until !== undefined && !until.aborted);
}

/** Rule 2. Before the first line that is there, that line tells the digest of the one before it. */
async function isThere(path: string, place: Anchor, start: number, sha256: Digest): Promise<boolean> {
  if (start === 0 || place.bytes > start) return isAt(path, place, sha256);
  for await (const { text } of journalLines(path, undefined, start)) return parsed(text)?.['prev'] === place.hash;
  return false;
}

async function* batchesFrom(path: string, from: Anchor, sha256: Digest): AsyncGenerator<Batch> {
  let [lines, bytes]: [string[], number] = [[], from.bytes];
  const batch = (): Batch => {
    const last = lines.at(-1) as string;
    return { lines, place: { n: Number(parsed(last)?.['n'] ?? 0), hash: sha256(last), bytes } };
  };
  const end = await wholeEnd(path);
  if (end < from.bytes) throw new OtherJournal();
  if (end === from.bytes) return;
  for await (const { text } of journalLines(path, end, from.bytes)) {
    lines.push(text);
    bytes += text.length + 1;
    if (lines.length < batchOf) continue;
    yield batch();
    lines = [];
  }
  if (lines.length > 0) yield batch();
}

/** Waits for a change of the journal's folder, or a while; ends at once when it is aborted. */
function changesOf(path: string, until: AbortSignal): { next(): Promise<void> } {
  const news = new EventTarget();
  let isNew = false;
  const tell = (): void => {
    isNew = true;
    news.dispatchEvent(new Event('change'));
  };
  until.addEventListener('abort', tell, { once: true });
  // Where it cannot be watched, it is looked at again after a while.
  const watcher = watch(dirname(path), { signal: until }, tell).on('error', () => undefined);
  until.addEventListener('abort', () => watcher.close(), { once: true });
  return {
    next: async () => {
      const timer = setTimeout(tell, lookAgainMs);
      if (!isNew) await once(news, 'change');
      clearTimeout(timer);
      isNew = false;
    },
  };
}
