// Verifies that a journal is what this host wrote (docs/design.md, "Journal and recordings"). Needs no writer and takes no lock.
//
// 1. An edit, a cut in the middle, a swap or an insertion breaks the chain (core/chain.ts), and leads to another root of the tree.
// 2. A cut at the end, or a chain that somebody computed anew without the key, contradicts the checkpoint beside the journal, and the
//    checkpoints inside it.
// 3. Records after the checkpoint that continue the chain are counted as `unsigned`. They are no fault: a crash came between them and
//    their checkpoint.
// 4. What folder and chain cannot show (cut to a checkpoint of its own, rolled back, emptied, records appended) contradicts the anchor
//    outside the folder (anchor.ts). Records after the anchor must bear the seal of this host.
// 5. What whoever has the host's key can do (all of it signed anew) contradicts the checkpoints that somebody else kept (kept.ts).
// 6. A loss that root accepted is not a fault, but is reported each time.
// 7. Lines that were removed by age (trim.ts) are proved by their hashes, and are missing only where the journal says so (removal.ts).
// 8. A journal that is whole is read once, by a short way that finds every change and names none (quick.ts); any other is followed line
//    by line (walk.ts).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainFault, Digest } from '../../core/chain.ts';
import type { Head, VerifyHead } from './heads.ts';
import { compareKept, type Kept, type KeptVerdict } from './kept.ts';
import { vouchedLeaves } from './leaves.ts';
import { isWhole } from './quick.ts';
import { firstRecordIn, journalLines, journalName } from './read.ts';
import { removalFault, type Removal } from './removal.ts';
import { findHead } from './tree.ts';
import { ChainWalk, type AnchorState, type HeadState, type Loss, type Outside } from './walk.ts';

/** The result of a verification. */
export interface Verdict {
  readonly ok: boolean;
  /** The number of records: of whole lines, and of those that were removed by age. */
  readonly records: number;
  /** Records after the checkpoint (rule 3). */
  readonly unsigned: number;
  /** Whether the file ends with a part of a line. */
  readonly torn: boolean;
  /** The first hundred faults at most; lines count from 1. */
  readonly faults: readonly ChainFault[];
  readonly head: HeadState;
  /** Undefined where there was no anchor to compare with: `outside` was not given. */
  readonly anchor?: AnchorState;
  /** Losses that root accepted (rule 6). */
  readonly accepted?: readonly Loss[];
  /** How the checkpoints that somebody kept compare (rule 5); undefined where none were given. */
  readonly kept?: KeptVerdict;
  /** The records at the beginning whose lines were removed (rule 7), and when the last were; undefined where none were. */
  readonly trimmed?: { readonly records: number; readonly at: string };
}

/** What a journal is verified with. */
export interface VerifyOptions {
  readonly folder: string;
  readonly verifyHead: VerifyHead;
  readonly sha256: Digest;
  readonly outside?: Outside | undefined;
  /** Checkpoints that somebody else kept; of another log or key they count as foreign. */
  readonly kept?: readonly Kept[] | undefined;
}

/** @throws Error when the files cannot be read; a missing journal is an empty one. */
export async function verifyJournal(options: VerifyOptions): Promise<Verdict> {
  for (;;) {
    const first = firstRecordIn(options.folder);
    const verdict = await verifyOnce(options);
    // Where a keeper removed segments meanwhile, it is looked at again.
    if (verdict.ok || firstRecordIn(options.folder) === first) return verdict;
  }
}

async function verifyOnce(options: VerifyOptions): Promise<Verdict> {
  const { folder, verifyHead, kept = [] } = options;
  // Before the lines: a writer that goes on meanwhile only makes the chain longer than its head.
  const found = await findHead(folder, verifyHead);
  const sizes = new Set(kept.flatMap(({ head }) => head?.n ?? []));
  const task = { ...options, signed: found?.head, sizes };
  const quick = await isWhole(task);
  if (quick !== undefined && removalFault(folder, firstRecordIn(folder), quick.removed) === undefined) {
    const { rootAt, removed, ...plain } = quick;
    const verdict = { ...plain, ...trimmedOf(folder, removed) };
    const compared = kept.length === 0 ? undefined : compareKept(kept, verdict.records, rootAt);
    return { ...verdict, ...(compared === undefined ? {} : { kept: compared, ok: compared.ok }) };
  }
  return walked(options, { signed: found?.head, isThere: found !== undefined, sizes });
}

/** Rule 7. */
function trimmedOf(folder: string, removed: Removal | undefined): Pick<Verdict, 'trimmed'> {
  const records = firstRecordIn(folder) - 1;
  return records === 0 || removed === undefined ? {} : { trimmed: { records, at: removed.at } };
}

interface Beside {
  readonly signed: Head | undefined;
  /** Whether there is a head at all, signed by us or not. */
  readonly isThere: boolean;
  readonly sizes: ReadonlySet<number>;
}

async function walked(options: VerifyOptions, { signed, isThere, sizes }: Beside): Promise<Verdict> {
  const { folder, verifyHead, sha256, outside, kept = [] } = options;
  const leaves = await vouchedLeaves(folder, signed);
  const first = firstRecordIn(folder);
  const walk = new ChainWalk({ verifyHead, sha256, signed, leaves, first, sizes, outside });
  let torn = false;
  const path = join(folder, journalName);
  if (existsSync(path) || first > 1)
    for await (const { text, whole } of journalLines(path)) {
      if (whole) await walk.step(text);
      else torn = true;
    }
  const unsaid = removalFault(folder, first, walk.removed);
  if (unsaid !== undefined) walk.faults.unshift(unsaid);
  const anchor = outside === undefined ? undefined : walk.compareAnchor();
  const verdict = {
    ...verdictOf(walk, isThere ? walk.compare(signed) : 'missing', torn, signed),
    ...judged(walk, anchor),
    ...trimmedOf(folder, walk.removed),
  };
  if (kept.length === 0) return verdict;
  const compared = compareKept(kept, walk.tree.size, (size) => walk.tree.rootAt(size));
  return { ...verdict, kept: compared, ok: verdict.ok && compared.ok };
}

/** Rules 4 and 6. */
function judged({ accepted, records }: ChainWalk, anchor: AnchorState | undefined): Partial<Verdict> {
  const isFine = anchor === 'matches' || anchor === 'behind' || (anchor === 'missing' && records === 0);
  return {
    ...(anchor === undefined ? {} : { anchor }),
    ...(anchor === undefined || isFine ? {} : { ok: false }),
    ...(accepted.length === 0 ? {} : { accepted }),
  };
}

function verdictOf(walk: ChainWalk, head: HeadState, torn: boolean, signed: Head | undefined): Verdict {
  const { faults, records, chain } = walk;
  const isFine = head === 'matches' || head === 'behind' || (head === 'missing' && records === 0);
  const unsigned = signed === undefined ? records : Math.max(0, chain.n - signed.n);
  return { ok: faults.length === 0 && isFine, records, unsigned, torn, faults, head };
}
