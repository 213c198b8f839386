// Whether a journal is what was written (design section 7). Needs no writer and takes no lock.
//
// 1. An edit, a cut, a swap or an insertion breaks the chain (core/chain.ts).
// 2. A cut at the end, or a chain computed anew by somebody without the key, shows against the signed head, and against the
//    signed heads that the chain holds itself.
// 3. Records after the head that continue the chain were on disk before a crash came between them and their head: counted as
//    `unsigned`, no fault.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainFault, type ChainState, type Digest, afterLine, emptyChain, follow } from '../core/chain.ts';
import { digestShape } from '../core/request.ts';
import { integer, object } from '../core/shape.ts';
import { type JournalRecord, headName, isMissing, journalLines, journalName, parsed } from './journal-read.ts';

export const headShape = object({ n: integer(0), hash: digestShape });

export interface Head {
  readonly n: number;
  readonly hash: string;
}

/** What a signed head says; undefined when its signature is not one of ours. */
export type VerifyHead = (jws: string) => Promise<Head | undefined>;

/**
 * How the head compares with the chain. `behind`: some records are not signed yet. `ahead`: records are missing at the end.
 * `differs`: the line that was signed is another. `forged`: not signed by us. `missing`: there is none.
 */
export type HeadState = 'matches' | 'behind' | 'ahead' | 'differs' | 'forged' | 'missing';

export interface Verdict {
  readonly ok: boolean;
  /** Whole lines. */
  readonly records: number;
  /** Records after the head (rule 3). */
  readonly unsigned: number;
  /** Whether the file ends in a part of a line. */
  readonly torn: boolean;
  /** At most the first hundred; lines count from 1. */
  readonly faults: readonly ChainFault[];
  readonly head: HeadState;
}

const faultLimit = 100;
/** More than a batch of the writer: how far back a head inside the chain may point. */
const remembered = 1024;

/** @throws Error when the files cannot be read; a missing journal is an empty one. */
export async function verifyJournal(folder: string, verifyHead: VerifyHead, sha256: Digest): Promise<Verdict> {
  // Before the lines: a writer that goes on meanwhile only makes the chain longer than its head.
  const jws = await orMissing(readFile(join(folder, headName), 'latin1'));
  const head = jws === undefined ? undefined : await verifyHead(jws);
  const walk = new ChainWalk({ verifyHead, sha256, signed: head });
  let torn = false;
  try {
    for await (const { text, whole } of journalLines(join(folder, journalName))) {
      if (whole) await walk.step(text);
      else torn = true;
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return verdict(walk, jws === undefined ? 'missing' : walk.compare(head), torn, head);
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

function verdict(walk: ChainWalk, head: HeadState, torn: boolean, signed: Head | undefined): Verdict {
  const { faults, records, chain } = walk;
  const isFine = head === 'matches' || head === 'behind' || (head === 'missing' && records === 0);
  const unsigned = signed === undefined ? records : Math.max(0, chain.n - signed.n);
  return { ok: faults.length === 0 && isFine, records, unsigned, torn, faults, head };
}

export interface WalkOptions {
  readonly verifyHead: VerifyHead;
  readonly sha256: Digest;
  /** The signed head that lies beside the chain. */
  readonly signed: Head | undefined;
  /** Told that the records from this line on, up to the newest, may not be what was written. */
  readonly doubt?: (from: number) => void;
}

/** Follows a chain line by line, from its first. */
export class ChainWalk {
  readonly faults: ChainFault[] = [];
  records = 0;
  chain: ChainState = emptyChain;
  readonly #hashes = new Map<number, string>([[emptyChain.n, emptyChain.hash]]);
  readonly #options: WalkOptions;
  #atSigned: string | undefined;
  /** The line after the newest that a signed head of the chain itself agrees with. */
  #unvouched = 1;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** @param record what the line says, where it was read already. @returns whether it fits. */
  async step(text: string, record = parsed(text)): Promise<boolean> {
    const before = this.faults.length + this.more;
    this.records += 1;
    const next = follow(this.chain, text, this.#options.sha256, record);
    if ('problem' in next) this.#fault(next.problem, this.records - 1);
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
  }

  /** After a fault the walk goes on from what the line says of itself, so that each fault is told once. */
  #resumedAt(text: string, record: JournalRecord | undefined): ChainState {
    const n = record?.['n'];
    const before = Number.isSafeInteger(n) ? { ...this.chain, n: (n as number) - 1 } : this.chain;
    return afterLine(before, text, this.#options.sha256);
  }

  /** Rule 2: a head in the chain was true when it was written, and every later chain must still agree. */
  async #checkInnerHead(record: JournalRecord | undefined): Promise<void> {
    if (record?.['event'] !== 'head' && record?.['event'] !== 'opened') return;
    const jws = record['head'];
    // The first opening finds no head, and a crash right behind it leaves none.
    if (jws === null && this.chain.n <= 1) return;
    const head = typeof jws === 'string' ? await this.#options.verifyHead(jws) : undefined;
    if (head === undefined) return this.#fault('holds no head that this journal signed', this.#unvouched);
    if (head.n > this.chain.n)
      return this.#fault(`follows a cut: ${head.n - this.chain.n} signed records before it are gone`, this.#unvouched);
    const hash = this.#hashes.get(head.n);
    if (hash !== undefined && hash !== head.hash)
      return this.#fault('holds a signed head that contradicts the lines before it', this.#unvouched);
    if (hash !== undefined) this.#unvouched = this.records;
  }

  #fault(problem: string, from: number): void {
    if (this.faults.length < faultLimit) this.faults.push({ line: this.records, problem });
    else this.more += 1;
    this.#options.doubt?.(from);
  }
}
