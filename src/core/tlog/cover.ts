// Proves many records of a log at once: their leaves, and the hashes of the complete subtrees that hold all others. Whoever has both computes the
// root of the log. A proof for each record alone would be twenty times as long.
import { nodeHash, type Hash, type Tree } from './merkle.ts';

/** A record that is shown, by the hash of its line. */
export interface Shown {
  /** Counts from 0. */
  readonly index: number;
  readonly leaf: Hash;
}

/** A complete subtree of which no record is shown: the leaves from `index * 2 ** level`, `2 ** level` of them. */
export interface Hidden {
  readonly level: number;
  readonly index: number;
  readonly hash: Hash;
}

export interface Cover {
  readonly hidden: readonly Hidden[];
  /** What the leaves that are shown and the hidden hashes lead to. It is the log's where both are what was signed. */
  readonly root: Hash;
}

/**
 * @param tree not empty
 * @param shown in the order of the log
 * @param earlier a size of the log, before any record that is shown: the hidden hashes also lead to the root that it had then
 */
export function coverOf(tree: Tree, shown: readonly Shown[], earlier: number): Cover {
  const hidden: Hidden[] = [];
  let next = 0;
  const isHidden = (start: number, end: number): boolean =>
    (shown[next]?.index ?? Infinity) >= end && !(start < earlier && earlier < end);
  const hashOf = (start: number, end: number): Hash => {
    const level = Math.ceil(Math.log2(end - start));
    if (2 ** level === end - start && isHidden(start, end)) return hide(level, start / 2 ** level);
    if (level === 0) return (shown[next++] as Shown).leaf;
    const middle = start + 2 ** (level - 1);
    return nodeHash(tree.sha256, hashOf(start, middle), hashOf(middle, end));
  };
  const hide = (level: number, index: number): Hash => {
    const hash = tree.hash(level, index);
    hidden.push({ level, index, hash });
    return hash;
  };
  return { root: hashOf(0, tree.size), hidden };
}
