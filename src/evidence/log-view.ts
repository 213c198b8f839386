// The journal as evidence reads it: up to one signed checkpoint, with proofs against that.
import type { Hash, SubtreeHash } from '../core/tlog/merkle.ts';

/** A journal up to a checkpoint. */
export interface LogView {
  /** The file of its newest lines; segments lie beside it (adapters/journal/segments.ts). */
  readonly path: string;
  /** The number of the first record that is still there; 1 where none was removed. */
  readonly first: number;
  readonly host: string;
  /** The signed note with its cosignatures, as it stands. */
  readonly checkpoint: string;
  /** How many records the checkpoint covers, and up to which byte of the journal those are. */
  readonly size: number;
  readonly bytes: number;
  readonly root: Hash;
  /** The keys, as C2SP signed-note writes them: the host's, and those of the witnesses that signed. */
  readonly hostKey: string;
  readonly witnessKeys: readonly string[];
  /** The proof of a record. @param index counts from 0 @throws Error of the system where the tree cannot be read */
  prove(index: number): readonly Hash[];
  /** The hash of a complete subtree, not compared with the root. @throws Error of the system where the tree cannot be read */
  readonly hash: SubtreeHash;
  /** That the tree of the first `size` records is the beginning of this one. @param size from 1 up @throws Error of the system */
  extend(size: number): readonly Hash[];
}
