// Verifies that a journal is what this host wrote (docs/design.md, "Journal and recordings"). Needs no writer and takes no lock.
//
// 1. An edit, a cut in the middle, a swap or an insertion breaks the chain (core/chain.ts).
// 2. A cut at the end, or a chain that somebody computed anew without the key, contradicts the signed head beside the journal, and the
//    signed heads inside it.
// 3. Records after the head that continue the chain are counted as `unsigned`. They are no fault: a crash came between them and their
//    head.
// 4. What folder and chain cannot show (cut to a head of its own, rolled back, emptied, records appended) contradicts the anchor outside
//    the folder (anchor.ts). Records after the anchor must bear the seal of this host.
// 5. A loss that root accepted is not a fault, but is reported each time.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainFault, type ChainState, type Digest, afterLine, emptyChain, follow } from '../../core/chain.ts';
import { chainFaults } from '../../core/messages/audit.ts';
import type { Anchor } from './anchor.ts';
import { isSealed, type Seal } from './record.ts';
import { digestShape } from '../../core/request.ts';
import { integer, object } from '../../core/shape.ts';
import { type JournalRecord, headName, isMissing, journalLines, journalName, parsed } from './read.ts';

export const headShape = object({ n: integer(0), hash: digestShape });

/** The content of a signed head: the number of records, and the digest of the last. */
export interface Head {
  readonly n: number;
  readonly hash: string;
}

/** What a signed head states; undefined when no key of ours signed it. */
export type VerifyHead = (jws: string) => Promise<Head | undefined>;

/**
 * How the signed head compares with the chain. `behind`: some records are not signed yet. `ahead`: records are missing at the end.
 * `differs`: the signed record is another one. `forged`: not signed by us. `missing`: there is no head.
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

/** The result of a verification. */
export interface Verdict {
  readonly ok: boolean;
  /** The number of whole lines. */
  readonly records: number;
  /** Records after the head (rule 3). */
  readonly unsigned: number;
  /** Whether the file ends with a part of a line. */
  readonly torn: boolean;
  /** The first hundred faults at most; lines count from 1. */
  readonly faults: readonly ChainFault[];
  readonly head: HeadState;
  /** Undefined where there was no anchor to compare with: `outside` was not given. */
  readonly anchor?: AnchorState;
  /** Losses that root accepted (rule 5). */
  readonly accepted?: readonly Loss[];
}

const faultLimit = 100;
/** How far back a head inside the chain may point, in records. More than the writer puts into a batch. */
const remembered = 1024;

/** @throws Error when the files cannot be read; a missing journal is an empty one. */
export async function verifyJournal(
  folder: string,
  verifyHead: VerifyHead,
  sha256: Digest,
  outside?: Outside,
): Promise<Verdict> {
  // Before the lines: a writer that goes on meanwhile only makes the chain longer than its head.
  const jws = await orMissing(readFile(join(folder, headName), 'latin1'));
  const head = jws === undefined ? undefined : await verifyHead(jws);
  const walk = new ChainWalk({ verifyHead, sha256, signed: head, outside });
  let torn = false;
  try {
    for await (const { text, whole } of journalLines(join(folder, journalName))) {
      if (whole) await walk.step(text);
      else torn = true;
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const anchor = outside === undefined ? undefined : walk.compareAnchor();
  return { ...verdict(walk, jws === undefined ? 'missing' : walk.compare(head), torn, head), ...judged(walk, anchor) };
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** Rules 4 and 5. */
function judged({ accepted, records }: ChainWalk, anchor: AnchorState | undefined): Partial<Verdict> {
  const isFine = anchor === 'matches' || anchor === 'behind' || (anchor === 'missing' && records === 0);
  return {
    ...(anchor === undefined ? {} : { anchor }),
    ...(anchor === undefined || isFine ? {} : { ok: false }),
    ...(accepted.length === 0 ? {} : { accepted }),
  };
}

function verdict(walk: ChainWalk, head: HeadState, torn: boolean, signed: Head | undefined): Verdict {
  const { faults, records, chain } = walk;
  const isFine = head === 'matches' || head === 'behind' || (head === 'missing' && records === 0);
  const unsigned = signed === undefined ? records : Math.max(0, chain.n - signed.n);
  return { ok: faults.length === 0 && isFine, records, unsigned, torn, faults, head };
}

/** What a chain is verified with. */
export interface WalkOptions {
  readonly verifyHead: VerifyHead;
  readonly sha256: Digest;
  /** The signed head that lies beside the chain. */
  readonly signed: Head | undefined;
  /** Rule 4. */
  readonly outside?: Outside | undefined;
  /** Told that the records from this line on, up to the newest, may not be what was written. */
  readonly doubt?: (from: number) => void;
}

/** Follows a chain line by line, from its first. */
export class ChainWalk {
  readonly faults: ChainFault[] = [];
  readonly accepted: Loss[] = [];
  records = 0;
  chain: ChainState = emptyChain;
  readonly #hashes = new Map<number, string>([[emptyChain.n, emptyChain.hash]]);
  readonly #options: WalkOptions;
  #atSigned: string | undefined;
  #atAnchor: string | undefined;
  /** The line after the newest that a signed head of the chain itself agrees with. */
  #unvouched = 1;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Takes the next line. @param record its parsed content, where it was parsed before. @returns whether it fits the chain. */
  async step(text: string, record = parsed(text)): Promise<boolean> {
    const before = this.faults.length + this.more;
    this.records += 1;
    const next = follow(this.chain, text, this.#options.sha256, record);
    if ('problem' in next) this.#fault(next.problem, this.records - 1);
    else if (this.#isForeign(next, text)) this.#fault(chainFaults.noSeal, this.records);
    this.#noteLoss(record);
    await this.#checkInnerHead(record);
    this.#moveTo('problem' in next ? this.#resumedAt(text, record) : next);
    return this.faults.length + this.more === before;
  }

  /** Faults that are not named: too many. */
  more = 0;

  compare(head: Head | undefined): HeadState {
    const state = this.#compare(head);
    if (state === 'forged' || state === 'differs') this.#options.doubt?.(this.#unvouched);
    return state;
  }

  /** Rule 4. */
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

  /** Rule 5. */
  #noteLoss(record: JournalRecord | undefined): void {
    const accepted = record?.['event'] === 'opened' ? record['accepted'] : undefined;
    if (typeof accepted !== 'object' || accepted === null) return;
    const said = (of: object | undefined, name: string): string =>
      String(new Map(Object.entries(of ?? {})).get(name) ?? '');
    const [by, reason] = [said(accepted, 'by'), said(accepted, 'reason')];
    const loss = { line: this.records, by, reason, problem: said(record, 'problem') };
    if (this.accepted.length < faultLimit) this.accepted.push(loss);
  }

  #compare(head: Head | undefined): HeadState {
    if (head === undefined) return 'forged';
    if (head.n > this.chain.n) return 'ahead';
    if (this.#atSigned !== head.hash) return 'differs';
    return head.n === this.chain.n ? 'matches' : 'behind';
  }

  #moveTo(chain: ChainState): void {
    this.chain = chain;
    this.#hashes.set(chain.n, chain.hash);
    this.#hashes.delete(chain.n - remembered);
    if (chain.n === this.#options.signed?.n) this.#atSigned = chain.hash;
    if (chain.n === this.#options.outside?.anchor?.n) this.#atAnchor = chain.hash;
  }

  /** Where the chain goes on after a fault: at the number that the line states, so that each fault is reported once. */
  #resumedAt(text: string, record: JournalRecord | undefined): ChainState {
    const n = record?.['n'];
    const before = Number.isSafeInteger(n) ? { ...this.chain, n: (n as number) - 1 } : this.chain;
    return afterLine(before, text, this.#options.sha256);
  }

  /** Rule 2: a head in the chain was true when it was written, and every later chain must still agree. */
  async #checkInnerHead(record: JournalRecord | undefined): Promise<void> {
    if (record?.['event'] !== 'head' && record?.['event'] !== 'opened') return;
    if (this.accepted.at(-1)?.line === this.records) return; // rule 5
    const jws = record['head'];
    // The first opening finds no head, and a crash right behind it leaves none.
    if (jws === null && this.chain.n <= 1) return;
    const head = typeof jws === 'string' ? await this.#options.verifyHead(jws) : undefined;
    if (head === undefined) return this.#fault(chainFaults.foreignHead, this.#unvouched);
    if (head.n > this.chain.n) return this.#fault(chainFaults.cut(head.n - this.chain.n), this.#unvouched);
    const hash = this.#hashes.get(head.n);
    if (hash !== undefined && hash !== head.hash) return this.#fault(chainFaults.otherHead, this.#unvouched);
    if (hash !== undefined) this.#unvouched = this.records;
  }

  #fault(problem: string, from: number): void {
    if (this.faults.length < faultLimit) this.faults.push({ line: this.records, problem });
    else this.more += 1;
    this.#options.doubt?.(from);
  }
}
