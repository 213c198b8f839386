// Follows a journal from a place on: what is there, and then what is added.
//
// 1. A batch has whole lines alone. A line without its newline is being written, or was torn by a crash.
// 2. Whoever goes on from a place goes on in the same journal: the line before it has the digest that was noted. Accident or attack: the
//    journal was moved aside, cut or rolled back, and records are taken for those that were sent already.
import { once } from 'node:events';
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../../core/chain.ts';
import { type Anchor, isAt } from './anchor.ts';
import { wholeEnd } from './end.ts';
import { journalLines, parsed } from './read.ts';

/** Lines as they stand, Latin-1, and the place behind the last of them. */
export interface Batch {
  readonly lines: readonly string[];
  readonly place: Anchor;
}

/** The journal is not the one that was followed up to a place (rule 2). */
export class OtherJournal extends Error {
  override readonly name = 'OtherJournal';
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

/** @throws OtherJournal, or an Error of the system */
export async function* followJournal(path: string, options: FollowOptions): AsyncGenerator<Batch> {
  let place = options.from ?? { n: 0, hash: '', bytes: 0 };
  const { until, sha256 } = options;
  if (options.from !== undefined && !(await isAt(path, place, sha256))) throw new OtherJournal();
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
