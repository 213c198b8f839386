// Follows a journal line by line, and names each place at which it is not what was written.
//
// 1. A head in the journal was true when it was written, and every later journal must still agree with it. Attack: an old record is edited
//    and everything after it computed anew, but for the heads.
// 2. Where the tiles lead to the signed root, each line must have the hash that its tile has. So the record that was edited is named, even
//    if the chain behind it was computed anew, and the others stay proved.
// 3. A loss that root accepted is reported, and is no fault of the head that stands in the same record.
// 4. The totals in a head are those of the lines before it. What differs is told once, and not where another fault explains it. Attack: totals
//    that are too small, so that evidence of a period may leave out an access.
// 5. Where the lines of the first records were removed (trim.ts), the tree begins with their hashes, and the chain with the first line that
//    the signed root vouches for. Without their hashes nothing that was signed can be matched. The totals begin
//    with those of the first head that is there.
import { type ChainFault, type ChainState, type Digest, afterLine, emptyChain, follow } from '../../core/chain.ts';
import { chainFaults } from '../../core/messages/audit.ts';
import { leafHash, type Hash } from '../../core/tlog/merkle.ts';
import { noTotals, sameTotals, totalsIn, withEvent, type Totals } from '../../core/totals.ts';
import type { Anchor } from './anchor.ts';
import { hashOf } from './checkpoints.ts';
import { headIn, type Head, type VerifyHead } from './heads.ts';
import { GrowingTree } from './growing-tree.ts';
import { isSealed, type Seal } from './record.ts';
import { type JournalRecord, parsed } from './read.ts';
import { removalIn, type Removal } from './removal.ts';

/**
 * How the signed head compares with the chain. `behind`: some records are not signed yet. `ahead`: records are missing at the end.
 * `differs`: other records were signed. `forged`: not signed by us. `missing`: there is no head.
 */
export type HeadState = 'matches' | 'behind' | 'ahead' | 'differs' | 'forged' | 'missing';

/** How the anchor compares with the chain; the words mean the same as in HeadState. */
export type AnchorState = 'matches' | 'behind' | 'ahead' | 'differs' | 'missing';

/** A loss that root accepted: the line of its record, by whom, why, and what was wrong. */
export interface Loss {
  readonly line: number;
  readonly by: string;
  readonly reason: string;
  readonly problem: string;
}

/** What is known outside the journal's folder: its anchor, and this host's seal. */
export interface Outside {
  readonly anchor: Anchor | undefined;
  readonly seal: Seal;
}

/** Hashes of lines that the signed root vouches for (rule 2). @param index of the record, from 0; undefined after the last */
export type Leaves = (index: number) => Hash | undefined;

/** What a chain is verified with. */
export interface WalkOptions {
  readonly verifyHead: VerifyHead;
  readonly sha256: Digest;
  /** The signed head that lies beside the chain. */
  readonly signed: Head | undefined;
  readonly leaves?: Leaves | undefined;
  /** The number of the first record whose line is there (rule 5). Undefined: 1. */
  readonly first?: number | undefined;
  /** Sizes at which the root of the tree is wanted. */
  readonly sizes?: ReadonlySet<number> | undefined;
  readonly outside?: Outside | undefined;
  /** Told that the records from this line on, up to the newest, may not be what was written. */
  readonly doubt?: (from: number) => void;
}

const faultLimit = 100;
/** How far back a head inside the chain may point, in records. More than the writer puts into a batch. */
const remembered = 1024;

/** Follows a chain line by line, from the first that is there. */
export class ChainWalk {
  readonly faults: ChainFault[] = [];
  readonly accepted: Loss[] = [];
  /** The number of the last record; of the last line, where records are missing. */
  records = 0;
  /** What the newest record about a removal of records says. */
  removed: Removal | undefined;
  chain: ChainState = emptyChain;
  readonly tree: GrowingTree;
  readonly #hashes = new Map<number, string>([[emptyChain.n, emptyChain.hash]]);
  readonly #options: WalkOptions;
  #atSigned: string | undefined;
  #atAnchor: string | undefined;
  #isEdited = false;
  #isContradicted = false;
  /** Undefined until the first head that has them (rule 5). */
  #totals: Totals | undefined = noTotals;
  /** How many faults there were at the last totals. */
  #explained = 0;
  /** The line after the newest that a signed head of the chain itself agrees with. */
  #unvouched = 1;

  constructor(options: WalkOptions) {
    this.#options = options;
    const { signed, sizes = [] } = options;
    this.tree = new GrowingTree(new Set([...sizes, ...(signed === undefined ? [] : [signed.n])]));
    this.#beginAt(options.first ?? 1);
  }

  /** Rule 5. */
  #beginAt(first: number): void {
    if (first === 1) return;
    for (let at = 0; at < first - 1; at += 1) {
      const leaf = this.#options.leaves?.(at);
      if (leaf !== undefined) this.tree.add(leaf);
    }
    this.#totals = undefined;
    this.records = first - 1;
    this.chain = { n: first - 1, hash: '' };
    this.#unvouched = first;
  }

  /** Takes the next line. @param record its parsed content, where it was parsed before. @returns whether it fits the chain. */
  async step(text: string, record = parsed(text)): Promise<boolean> {
    const before = this.faults.length + this.more;
    this.records += 1;
    const leaf = leafHash(hashOf, text);
    const next = this.#next(text, leaf, record);
    if ('problem' in next) this.#fault(next.problem, this.records - 1);
    else if (this.#isForeign(next, text)) this.#fault(chainFaults.noSeal, this.records);
    this.#noteLoss(record);
    this.removed = removalIn(record) ?? this.removed;
    await this.#checkInnerHead(record);
    this.#moveTo('problem' in next ? this.#resumedAt(text, record) : next);
    this.#grow(leaf);
    this.#checkTotals(record);
    return this.faults.length + this.more === before;
  }

  /** Faults that are not named: too many. */
  more = 0;

  /** A line that is vouched for is right, also behind one that was edited (rule 2). */
  #next(text: string, leaf: Hash, record: JournalRecord | undefined): ChainState | ChainFault {
    const { leaves, sha256 } = this.#options;
    if (leaves?.(this.chain.n) === leaf) return afterLine(this.chain, text, sha256);
    return follow(this.chain, text, sha256, record);
  }

  compare(head: Head | undefined): HeadState {
    const state = this.#compare(head);
    const isNamed = this.#options.leaves !== undefined && state === 'differs';
    if (state === 'forged' || (state === 'differs' && !isNamed)) this.#options.doubt?.(this.#unvouched);
    return state;
  }

  /** How the anchor compares with the chain (anchor.ts). */
  compareAnchor(): AnchorState {
    const anchor = this.#options.outside?.anchor;
    if (anchor === undefined) return 'missing';
    if (anchor.n > this.chain.n) return 'ahead';
    if (anchor.n > 0 && this.#atAnchor !== anchor.hash) return 'differs';
    return anchor.n === this.chain.n ? 'matches' : 'behind';
  }

  #isForeign({ n }: ChainState, text: string): boolean {
    const { outside } = this.#options;
    return outside?.anchor !== undefined && n > outside.anchor.n && !isSealed(text, outside.seal);
  }

  /** Rule 3. */
  #noteLoss(record: JournalRecord | undefined): void {
    const accepted = record?.['event'] === 'opened' ? record['accepted'] : undefined;
    if (typeof accepted !== 'object' || accepted === null) return;
    const said = (of: object | undefined, name: string): string =>
      String(new Map(Object.entries(of ?? {})).get(name) ?? '');
    const [by, reason] = [said(accepted, 'by'), said(accepted, 'reason')];
    const loss = { line: this.records, by, reason, problem: said(record, 'problem') };
    this.#isContradicted = false;
    if (this.accepted.length < faultLimit) this.accepted.push(loss);
  }

  #compare(head: Head | undefined): HeadState {
    if (head === undefined) return 'forged';
    if (head.n > this.#countFor(head)) return 'ahead';
    const isTheirs = 'hash' in head ? this.#atSigned === head.hash : this.tree.rootAt(head.n) === head.root;
    if (!isTheirs || this.#isEdited) return 'differs';
    return head.n === this.#countFor(head) ? 'matches' : 'behind';
  }

  /** How many records there are for a head: an earlier version counted by the number of the last, a tree has leaves. */
  #countFor(head: Head): number {
    return 'hash' in head || this.#options.leaves !== undefined ? this.chain.n : this.tree.size;
  }

  #moveTo(chain: ChainState): void {
    this.chain = chain;
    this.#hashes.set(chain.n, chain.hash);
    this.#hashes.delete(chain.n - remembered);
    if (chain.n === this.#options.signed?.n) this.#atSigned = chain.hash;
    if (chain.n === this.#options.outside?.anchor?.n) this.#atAnchor = chain.hash;
  }

  /** Adds a line to the tree; where leaves are vouched for, those, and a line that is another is a fault (rule 2). */
  #grow(leaf: Hash): void {
    const vouched = this.#options.leaves?.(this.chain.n - 1);
    if (vouched === undefined) return this.tree.add(leaf);
    while (this.tree.size < this.chain.n) this.tree.add(this.#options.leaves?.(this.tree.size) ?? leaf);
    if (vouched === leaf) return;
    this.#isEdited = true;
    this.#fault(chainFaults.edited, this.records);
  }

  /** Where the chain goes on after a fault: at the number that the line states, so that each fault is reported once. */
  #resumedAt(text: string, record: JournalRecord | undefined): ChainState {
    const n = record?.['n'];
    const before = Number.isSafeInteger(n) ? { ...this.chain, n: (n as number) - 1 } : this.chain;
    return afterLine(before, text, this.#options.sha256);
  }

  /** Rule 1. */
  async #checkInnerHead(record: JournalRecord | undefined): Promise<void> {
    if (record?.['event'] !== 'head' && record?.['event'] !== 'opened') return;
    if (this.accepted.at(-1)?.line === this.records) return; // rule 3
    const text = headIn(record);
    // The first opening finds no head, and a crash right behind it leaves none.
    if (text === null && this.chain.n <= 1) return;
    const head = typeof text === 'string' ? await this.#options.verifyHead(text) : undefined;
    if (head === undefined) return this.#fault(chainFaults.foreignHead, this.#unvouched);
    const missing = head.n - this.#countFor(head);
    if (missing > 0) return this.#fault(chainFaults.cut(missing), this.#unvouched);
    const isTheirs = this.#agrees(head);
    if (isTheirs === true) this.#unvouched = this.records;
    // Whatever differs once makes all later roots differ: it is told once.
    if (isTheirs === false && !this.#isContradicted) this.#fault(chainFaults.otherHead(head.n), this.#unvouched);
    if (isTheirs === false && 'root' in head) this.#isContradicted = true;
  }

  /** @returns undefined for a head of records that are too far back */
  #agrees(head: Head): boolean | undefined {
    const is = 'hash' in head ? this.#hashes.get(head.n) : this.tree.rootAt(head.n);
    return is === undefined ? undefined : is === ('hash' in head ? head.hash : head.root);
  }

  /** Rule 4. */
  #checkTotals(record: JournalRecord | undefined): void {
    const held = totalsIn(record);
    const isWrong = held !== undefined && this.#totals !== undefined && !sameTotals(held, this.#totals);
    if (isWrong && this.faults.length + this.more === this.#explained)
      this.#fault(chainFaults.otherTotals, this.records);
    if (held !== undefined) this.#explained = this.faults.length + this.more;
    const totals = held ?? this.#totals;
    this.#totals = totals && withEvent(totals, String(record?.['event']));
  }

  #fault(problem: string, from: number): void {
    if (this.faults.length < faultLimit) this.faults.push({ line: this.records, problem });
    else this.more += 1;
    this.#options.doubt?.(from);
  }
}
