// Removes the oldest segments of the journal by age. Their hashes stay in the tiles, so every checkpoint and every proof stays valid.
//
// 1. What goes is journaled first: up to which record, and the root of the tree up to there (removal.ts). Accident: the keeper is killed, and
//    nobody can tell what is missing from what somebody removed.
// 2. Only what is proved to be what was signed goes: each line has the hash that its tile has, and these lead to the signed root. Attack or
//    accident: a line was edited, or tiles were lost, and with the segment goes the last evidence of it.
// 3. The oldest goes first, so that what is left has no gap wherever a kill falls. The newest segment stays: a keeper that starts needs its
//    last line.
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { leafHash, rootOf, withLeaf, type Frontier } from '../../core/tlog/merkle.ts';
import { encodeBase64 } from '../../core/tlog/base64.ts';
import type { NoteKey } from '../../core/tlog/note.ts';
import { syncFolder } from '../durable.ts';
import { unlessMissing } from '../missing.ts';
import { hashOf } from './checkpoints.ts';
import { bytesBefore } from './end.ts';
import { leavesFrom } from './leaves.ts';
import { openProvableLog, UnprovableError } from './proofs.ts';
import { journalLines, journalName, parsed } from './read.ts';
import { segmentsIn, type Segment } from './segments.ts';
import { frontierOf, readTree } from './tiles.ts';

export interface TrimOptions {
  readonly folder: string;
  /** The key that signs the checkpoints. */
  readonly key: NoteKey;
  /** Segments go whose last record was written before this instant, ms. */
  readonly before: number;
  /** From this byte of the journal on nothing goes, however old it is. */
  readonly needed: number;
}

/** Segments that may go, oldest first: the number of their first and last record, and the root of the tree up to the last. */
export interface Trimmable {
  readonly first: number;
  readonly last: number;
  /** Base64. */
  readonly root: string;
  /** When the last record was written, as it says. */
  readonly until: string;
  readonly segments: readonly string[];
}

/** What may go (rule 2). @returns undefined where nothing is old enough @throws UnprovableError; Error of the system */
export async function trimmable(options: TrimOptions): Promise<Trimmable | undefined> {
  const { folder, key } = options;
  const segments = segmentsIn(folder);
  const { count, until } = await oldOnes(segments, options);
  const [from, next] = [segments[0], segments[count]];
  if (count === 0 || from === undefined || next === undefined) return undefined;
  const last = next.first - 1;
  const log = await openProvableLog(folder, key);
  try {
    const { earlier } = await log.consistency(last);
    if ((await rootByLines(folder, from, next)) !== earlier.root)
      throw new UnprovableError('the records that are to be removed are not those that were signed');
    const names = segments.slice(0, count).map(({ name }) => name);
    return { first: from.first, last, root: encodeBase64(earlier.root), until, segments: names };
  } finally {
    await log.close();
  }
}

/** How many of the segments are old, from the oldest on; the newest never is (rule 3). */
async function oldOnes(
  segments: readonly Segment[],
  { folder, before, needed }: TrimOptions,
): Promise<{ readonly count: number; readonly until: string }> {
  let until = '';
  for (const [count, next] of segments.slice(1).entries()) {
    const last = parsed((await bytesBefore(join(folder, journalName), next.start)) ?? '');
    const at = String(last?.['at']);
    if (next.start > needed || last?.['n'] !== next.first - 1 || !(Date.parse(at) < before)) return { count, until };
    until = at;
  }
  return { count: Math.max(0, segments.length - 1), until };
}

/** The root of the tree with the lines from one segment up to another; undefined where a line is not the one of its tile (rule 2). */
async function rootByLines(folder: string, from: Segment, next: Segment): Promise<string | undefined> {
  let tree: Frontier = frontierOf(readTree(folder, hashOf, from.first - 1));
  const leaves = leavesFrom(folder, from.first - 1, next.first - 1);
  for await (const { text } of journalLines(join(folder, journalName), next.start, from.start)) {
    const leaf = leafHash(hashOf, text);
    const known = await leaves.next();
    if (known.done === true || known.value !== leaf) return undefined;
    tree = withLeaf(hashOf, tree, leaf);
  }
  return tree.size === next.first - 1 ? rootOf(hashOf, tree) : undefined;
}

/** Removes them, after their record was written (rules 1 and 3). @throws Error of the system: what is left goes at the next look */
export async function removeSegments(folder: string, { segments }: Trimmable): Promise<void> {
  for (const name of segments) {
    await unlink(join(folder, name)).catch(unlessMissing);
    await syncFolder(folder);
  }
}
