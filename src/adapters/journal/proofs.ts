// Proofs out of the journal for somebody outside: that a record is in it, and that it only grew. Needs no writer and takes no lock.
//
// 1. A proof is checked against the signed checkpoint before it is given away. Where the tiles on disk lead to another root, they are
//    hashed anew from the journal, in a folder that is thrown away; where that does not lead there either, there is no proof. Attack or
//    accident: tiles that were edited or lost give proofs that no auditor can check.
// 2. Of a record whose line was removed (trim.ts) the hash is proved: whoever has the line from elsewhere can hash it and compare.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../core/tlog/checkpoint.ts';
import {
  consistencyProof,
  emptyFrontier,
  inclusionProof,
  leafHash,
  rootOf,
  type Hash,
  type Tree,
} from '../../core/tlog/merkle.ts';
import type { NoteKey } from '../../core/tlog/note.ts';
import { printProof } from '../../core/tlog/proof.ts';
import { isConsistent, isIncluded, type TreeHead } from '../../core/tlog/verify.ts';
import { hashedAnew } from './anew.ts';
import { checkpointName, hashOf, openCheckpoint } from './checkpoints.ts';
import { lineOf } from './lookup.ts';
import { firstRecordIn, journalName } from './read.ts';
import { readTree, rootAt } from './tiles.ts';

/** The journal is not what its checkpoint says, so nothing can be proved of it. */
export class UnprovableError extends Error {}

/** That the later tree begins with the earlier one. */
export interface Consistency {
  readonly earlier: TreeHead;
  readonly later: TreeHead;
  readonly proof: readonly Hash[];
}

/** A journal as its newest checkpoint says it is. Records count from 1. */
export interface ProvableLog {
  /** The signed note. */
  readonly checkpoint: string;
  readonly head: Checkpoint;
  /** The line of a record, latin1, without its newline; not checked. @throws UnprovableError where it is not found */
  line(n: number): Promise<string>;
  /** The proof that this record is in the log (C2SP tlog-proof), as text. @throws UnprovableError */
  inclusion(n: number): Promise<string>;
  /** @param from, to sizes of the log, from 0; `to` is the checkpoint's where it is not given. @throws UnprovableError */
  consistency(from: number, to?: number): Promise<Consistency>;
  /** Removes what was hashed anew. */
  close(): Promise<void>;
}

/**
 * Opens the journal of a folder as it was at its newest checkpoint.
 * @param key the key that must have signed it
 * @throws UnprovableError where there is no checkpoint of that key
 */
export async function openProvableLog(folder: string, key: NoteKey): Promise<ProvableLog> {
  const checkpoint = await readFile(join(folder, checkpointName), 'utf8').catch(() => '');
  const head = openCheckpoint(checkpoint, key);
  if (head === undefined) throw new UnprovableError(`${folder} has no checkpoint that ${key.name} signed`);
  return new SignedLog(folder, checkpoint, head);
}

class SignedLog implements ProvableLog {
  readonly checkpoint: string;
  readonly head: Checkpoint;
  readonly #folder: string;
  #anew: string | undefined;

  constructor(folder: string, checkpoint: string, head: Checkpoint) {
    this.#folder = folder;
    this.checkpoint = checkpoint;
    this.head = head;
  }

  async line(n: number): Promise<string> {
    const text = await lineOf(join(this.#folder, journalName), n);
    if (text === undefined) throw new UnprovableError(`record ${n} is not there`);
    return text;
  }

  async inclusion(n: number): Promise<string> {
    if (!Number.isSafeInteger(n) || n < 1 || n > this.head.size)
      throw new UnprovableError(`record ${n} is not among the ${this.head.size} of the checkpoint`);
    const index = n - 1;
    const known = n < firstRecordIn(this.#folder) ? undefined : leafHash(hashOf, await this.line(n)); // rule 2
    const hashes = await this.#proved((tree) => {
      const leaf = known ?? tree.hash(0, index);
      const proof = inclusionProof(tree, index);
      return isIncluded(hashOf, this.head, { index, leaf, proof }) ? proof : undefined;
    });
    return printProof({ index, hashes, checkpoint: this.checkpoint });
  }

  async consistency(from: number, to = this.head.size): Promise<Consistency> {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > this.head.size)
      throw new UnprovableError(`there is no proof from ${from} to ${to} in a log of ${this.head.size}`);
    return this.#proved((tree) => {
      const [earlier, later] = [headAt(tree, from), headAt(tree, to)];
      const isOurs = isConsistent(hashOf, later, this.head, proofOf(tree, to));
      const proof = proofOf({ ...tree, size: to }, from);
      return isOurs && isConsistent(hashOf, earlier, later, proof) ? { earlier, later, proof } : undefined;
    });
  }

  async close(): Promise<void> {
    if (this.#anew !== undefined) await rm(this.#anew, { recursive: true, force: true });
  }

  /** Rule 1. */
  async #proved<T>(prove: (tree: Tree) => T | undefined): Promise<T> {
    const first = attempt(() => prove(this.#tree()));
    if (first !== undefined) return first;
    if (this.#anew === undefined) {
      this.#anew = await hashedAnew(this.#folder, this.head.size);
      const second = attempt(() => prove(this.#tree()));
      if (second !== undefined) return second;
    }
    throw new UnprovableError('the journal is not the one that its checkpoint was signed for');
  }

  #tree(): Tree {
    return readTree(this.#anew ?? this.#folder, hashOf, this.head.size);
  }
}

function attempt<T>(task: () => T | undefined): T | undefined {
  try {
    return task();
  } catch {
    return undefined; // a tile is missing, or too short
  }
}

const headAt = (tree: Tree, size: number): TreeHead => ({
  size,
  root: size === 0 ? rootOf(hashOf, emptyFrontier) : rootAt({ ...tree, size }),
});

/** A tree of the same size, and the empty one, need no proof. */
const proofOf = (tree: Tree, from: number): readonly Hash[] =>
  from === 0 || from === tree.size ? [] : consistencyProof(tree, from);
