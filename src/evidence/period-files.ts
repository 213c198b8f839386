// The files of the evidence of a period (docs/evidence.md, "A period").
//
// 1. What is shown and what is hidden must lead to the signed root before anything is handed on. Attack: the journal was changed, and the
//    evidence says so only when somebody verifies it.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { UnprovableError } from '../adapters/journal/proofs.ts';
import { LogBytes } from '../adapters/journal/segments.ts';
import { headIn } from '../adapters/journal/heads.ts';
import { draw } from '../core/evidence/draw.ts';
import type { Period } from '../core/period.ts';
import { readCheckpoint } from '../core/tlog/checkpoint.ts';
import { coverOf, type Hidden, type Shown } from '../core/tlog/cover.ts';
import { leafHash } from '../core/tlog/merkle.ts';
import { readNote } from '../core/tlog/note.ts';
import { aboutFile, accessFiles, logFiles, NotAsSigned, type ArchiveFile, type MakeDeps } from './access-files.ts';
import { findAccesses } from './find-access.ts';
import type { HeadAt, PeriodFound, Place } from './find-period.ts';
import { writeArchive } from './write-archive.ts';

/** Which accesses are drawn. */
export interface Sampling {
  readonly count: number;
  readonly seed: string;
}

/** What the evidence of a period is made of. */
export interface PeriodTask {
  readonly period: Period;
  readonly found: PeriodFound;
  readonly sampling: Sampling | undefined;
  /** A folder for files on the way into the archive; whoever made it removes it. */
  readonly work: string;
  /** SHA-256 of a text, as hex. */
  readonly digest: (text: string) => string;
}

const text = (name: string, lines: readonly string[]): ArchiveFile => ({
  name,
  content: Buffer.from(lines.map((line) => `${line}\n`).join('')),
});

/** @throws NotAsSigned, UnprovableError, SealedMeanwhile; Error of the system */
export async function periodFiles(deps: MakeDeps, task: PeriodTask): Promise<readonly ArchiveFile[]> {
  const { view, now } = deps;
  const { period, found, sampling } = task;
  const { population, opens, closes } = found;
  const about = {
    ...{ kind: 'period', id: period.name, host: view.host, made: new Date(now).toISOString() },
    ...{ from: new Date(period.from).toISOString(), to: new Date(period.to).toISOString() },
    ...{ opens: opens?.n ?? 0, closes: closes.n },
    ...(sampling === undefined ? {} : { sample: sampling.count, seed: sampling.seed }),
  };
  const { records, shown } = writeRecords(deps, found.shown, join(task.work, 'records'));
  return [
    aboutFile(about),
    ...logFiles(deps),
    records,
    ...treeFiles(provenCover(deps, shown, sizeAt(opens))),
    text('population.csv', population.table()),
    text('exceptions.csv', population.exceptions()),
    ...(await sampleFiles(deps, task)),
  ];
}

/** How many records the checkpoint has that a head holds. */
function sizeAt(head: HeadAt | undefined): number {
  return head === undefined ? 0 : (readCheckpoint(readNote(headIn(head.record) ?? '')?.text ?? '')?.size ?? 0);
}

const batchBytes = 1024 * 1024;

/** Writes the lines that are shown into a file, as they stand in the journal. */
function writeRecords(
  { view, sha256 }: MakeDeps,
  places: readonly Place[],
  path: string,
): { readonly records: ArchiveFile; readonly shown: readonly Shown[] } {
  using log = LogBytes.open(view.path);
  const to = openSync(path, 'wx', 0o600);
  try {
    const shown: Shown[] = [];
    const waiting = Buffer.alloc(2 * batchBytes);
    let [bytes, filled] = [0, 0];
    const flush = (): void => {
      writeSync(to, waiting, 0, filled);
      [bytes, filled] = [bytes + filled, 0];
    };
    for (const place of places) {
      const length = place.to - place.from;
      log.readSync(waiting, { offset: filled, length }, place.from);
      shown.push({ index: place.n - 1, leaf: leafHash(sha256, waiting.toString('latin1', filled, filled + length)) });
      filled = waiting.write('\n', filled + length, 'latin1') + filled + length;
      if (filled > batchBytes) flush();
    }
    flush();
    return { records: { name: 'records.jsonl', content: { path, bytes } }, shown };
  } finally {
    closeSync(to);
  }
}

/** Rule 1. */
function provenCover(deps: MakeDeps, shown: readonly Shown[], earlier: number): readonly Hidden[] {
  const { view, sha256 } = deps;
  const { hidden, root } = coverOf({ sha256, size: view.size, hash: view.hash }, shown, earlier);
  if (root === view.root) return hidden;
  const changed = shown.find(({ index, leaf }) => view.hash(0, index) !== leaf);
  if (changed !== undefined) throw new NotAsSigned(changed.index + 1);
  throw new UnprovableError('the tree of the journal does not lead to the root that was signed');
}

/** A file for each level: the index of a subtree, and its hash. */
function treeFiles(hidden: readonly Hidden[]): readonly ArchiveFile[] {
  const levels = new Map<number, string[]>();
  for (const { level, index, hash } of hidden) {
    const lines = levels.get(level) ?? [];
    lines.push(`${String(index)} ${Buffer.from(hash, 'latin1').toString('hex')}`);
    levels.set(level, lines);
  }
  return [...levels].map(([level, lines]) => text(`tree/${String(level)}`, lines));
}

/** An archive for each access that is drawn. */
async function sampleFiles(deps: MakeDeps, task: PeriodTask): Promise<readonly ArchiveFile[]> {
  const { found, sampling, work, digest } = task;
  if (sampling === undefined) return [];
  const drawn = draw(digest, found.population.ids, sampling.seed, sampling.count);
  const files: ArchiveFile[] = [];
  for (const [id, access] of findAccesses(deps.view, drawn)) {
    const path = join(work, `${id}.tar`);
    const { bytes } = await writeArchive(path, `evidence-${id}`, await accessFiles(deps, id, access));
    files.push({ name: `samples/${id}.tar`, content: { path, bytes } });
  }
  return files;
}
