// Whether a journal is whole, in one reading that parses no more than it must. It finds every change, and names none.
//
// 1. What the checkpoint covers must lead to its root, so it is what was signed, byte for byte: its chain needs no second look. What the
//    checkpoint does not cover is followed by its chain and its seals. So are the signatures of checkpoints inside: where the newest one covers
//    their record, it is enough that they say what is true.
// 2. Line n is record n, and every checkpoint inside agrees with the tree before it (walk.ts, rule 1), and so do the totals (walk.ts, rule 4).
// 3. Where the lines of the first records were removed (trim.ts), the tree begins with their hashes as the tiles have them, and the totals
//    with those of the first head that is there.
// 4. Whatever is not plainly whole is left to the walk, which names it: a fault, a head of an earlier version, an accepted loss.
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { follow, type ChainState, type Digest } from '../../core/chain.ts';
import type { Hash } from '../../core/tlog/merkle.ts';
import { readCheckpoint } from '../../core/tlog/checkpoint.ts';
import { noTotals, sameTotals, totalsIn, withEvent, type Totals } from '../../core/totals.ts';
import { readNote } from '../../core/tlog/note.ts';
import { GrowingTree } from './growing-tree.ts';
import { headIn, type Head, type VerifyHead } from './heads.ts';
import { leavesFrom } from './leaves.ts';
import { isSealed } from './record.ts';
import { piecesOf } from './pieces.ts';
import { journalName, parsed, type JournalRecord } from './read.ts';
import { removalIn, type Removal } from './removal.ts';
import { LogBytes } from './segments.ts';
import { lineBeginning, nextEvent } from './totals.ts';
import type { AnchorState, Outside } from './walk.ts';
import { isMissing } from '../missing.ts';

/** What a leaf is hashed with before its line (RFC 6962 section 2.1). Here it takes the place of the newline before. */
const leafByte = 0;

export interface QuickOptions {
  readonly folder: string;
  readonly verifyHead: VerifyHead;
  readonly sha256: Digest;
  /** The checkpoint beside the journal. */
  readonly signed: Head | undefined;
  readonly sizes: ReadonlySet<number>;
  readonly outside?: Outside | undefined;
}

interface Whole {
  readonly ok: true;
  readonly records: number;
  readonly unsigned: number;
  readonly torn: boolean;
  readonly faults: readonly [];
  readonly head: 'matches' | 'behind';
  readonly anchor?: AnchorState;
  /** What the newest record about a removal of records says. */
  readonly removed: Removal | undefined;
  /** The root of the first records, of a size that was asked for. */
  readonly rootAt: (size: number) => Hash | undefined;
}

/** @returns undefined where the journal is not plainly whole (rule 4). @throws Error when the file cannot be read */
export async function isWhole(options: QuickOptions): Promise<Whole | undefined> {
  const { signed, sizes, outside } = options;
  if (signed === undefined || 'hash' in signed || signed.n === 0) return undefined;
  const look = new QuickLook(options, { size: signed.n, root: signed.root }, new Set([...sizes, signed.n]));
  let torn = false;
  try {
    using log = LogBytes.open(join(options.folder, journalName));
    await look.begin(log.first);
    for await (const piece of piecesOf(log)) {
      if (!(await look.take(piece.bytes))) return undefined;
      torn = piece.torn;
    }
  } catch (error) {
    if (isMissing(error) || error instanceof RangeError) return undefined;
    throw error;
  }
  if (!look.isSigned()) return undefined;
  const { records, removed } = look;
  const unsigned = records - signed.n;
  const anchor = outside === undefined ? {} : { anchor: look.anchor };
  if (anchor.anchor === 'missing' || anchor.anchor === 'differs' || anchor.anchor === 'ahead') return undefined;
  const head = unsigned === 0 ? 'matches' : 'behind';
  const rootAt = (size: number): Hash | undefined => look.rootAt(size);
  return { ok: true, records, unsigned, torn, faults: [], head, ...anchor, removed, rootAt };
}

class QuickLook {
  readonly #options: QuickOptions;
  readonly #signed: { readonly size: number; readonly root: Hash };
  readonly #tree: GrowingTree;
  /** Of the last record that the checkpoint covers, and of those behind it. */
  #chain: ChainState | undefined;
  #isAtAnchor = false;
  #totals: Totals | undefined = noTotals;
  removed: Removal | undefined;

  constructor(options: QuickOptions, signed: { size: number; root: Hash }, sizes: ReadonlySet<number>) {
    this.#options = options;
    this.#signed = signed;
    this.#tree = new GrowingTree(sizes);
  }

  get records(): number {
    return this.#tree.size;
  }

  /** Rule 3. @param first the number of the first record whose line is there */
  async begin(first: number): Promise<void> {
    if (first > 1) this.#totals = undefined;
    for await (const leaf of leavesFrom(this.#options.folder, 0, first - 1)) this.#tree.add(leaf);
  }

  get anchor(): AnchorState {
    const anchor = this.#options.outside?.anchor;
    if (anchor === undefined) return 'missing';
    if (anchor.n > this.records) return 'ahead';
    if (anchor.n > 0 && !this.#isAtAnchor) return 'differs';
    return anchor.n === this.records ? 'matches' : 'behind';
  }

  rootAt(size: number): Hash | undefined {
    return this.#tree.rootAt(size);
  }

  isSigned(): boolean {
    return this.#tree.rootAt(this.#signed.size) === this.#signed.root;
  }

  /** @returns false at the first line that is not plainly right */
  async take(bytes: Buffer): Promise<boolean> {
    const lines = bytes.toString('latin1');
    let at = 0;
    for (let start = 1; start < bytes.length;) {
      const end = lines.indexOf('\n', start);
      const n = this.#tree.size + 1;
      if (!lines.startsWith(`{"n":${n},"prev":"`, start)) return false;
      if (at < start) at = nextEvent(lines, start);
      const event = at < Math.min(end, start + lineBeginning) ? lines.slice(at, lines.indexOf('"', at)) : undefined;
      if (this.#needsText(n) || isLookedAt(event)) {
        const text = lines.slice(start, end);
        if (n > this.#signed.size && !this.#follows(text)) return false;
        if (isLookedAt(event) && !(await this.#agrees(text))) return false;
        this.#note(text, n);
      }
      this.#totals &&= withEvent(this.#totals, event ?? '');
      bytes[start - 1] = leafByte;
      this.#tree.add(hash('sha256', bytes.subarray(start - 1, end), 'latin1'));
      start = end + 1;
    }
    return true;
  }

  #needsText(n: number): boolean {
    return n >= this.#signed.size || n === this.#options.outside?.anchor?.n;
  }

  #note(line: string, n: number): void {
    const { outside, sha256 } = this.#options;
    if (n === this.#signed.size) this.#chain = { n, hash: sha256(line) };
    if (n === outside?.anchor?.n) this.#isAtAnchor = sha256(line) === outside.anchor.hash;
  }

  /** Rule 1, of a line that no checkpoint covers. */
  #follows(line: string): boolean {
    const { outside, sha256 } = this.#options;
    const next = this.#chain && follow(this.#chain, line, sha256);
    if (next === undefined || 'problem' in next) return false;
    const anchor = outside?.anchor;
    if (anchor !== undefined && next.n > anchor.n && !isSealed(line, outside?.seal ?? String)) return false;
    this.#chain = next;
    return true;
  }

  /** Whether the totals of a head are right; the first that are known are taken (rule 3). */
  #isCounted(record: JournalRecord): boolean {
    const held = totalsIn(record);
    this.#totals ??= held;
    return held === undefined || this.#totals === undefined || sameTotals(held, this.#totals);
  }

  /** Rule 2. */
  async #agrees(line: string): Promise<boolean> {
    const record = parsed(line);
    this.removed = removalIn(record) ?? this.removed;
    if (record?.['event'] !== 'head' && record?.['event'] !== 'opened') return record !== undefined;
    if ('accepted' in record || !this.#isCounted(record)) return false;
    const text = headIn(record);
    if (text === null) return this.#tree.size <= 1;
    const head = this.records < this.#signed.size ? saidBy(text ?? '') : await this.#options.verifyHead(text ?? '');
    return head !== undefined && 'root' in head && this.#tree.rootAt(head.n) === head.root;
  }
}

/** What a checkpoint says, its signature unchecked (rule 1). */
function saidBy(note: string): Head | undefined {
  const said = readCheckpoint(readNote(note)?.text ?? '');
  return said && { n: said.size, root: said.root };
}

/** Events of records that hold a head, or tell of a removal. Without an event a line is looked at whole, and then nobody's. */
const lookedAt: readonly (string | undefined)[] = [undefined, 'head', 'opened', 'journal-trimmed'];
const isLookedAt = (event: string | undefined): boolean => lookedAt.includes(event);
