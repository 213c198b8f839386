// The Merkle tree over the journal's lines (RFC 6962 section 2.1), which lets one record be proved without showing the others.
//
// 1. Leaves and inner nodes are hashed with different first bytes. Attack: an inner node is passed off as a record.
// 2. A tree is never wrong by its size: a proof holds for one index and one size only. Attack: a proof for another place, or for a tree
//    that is shorter or longer than the one that was signed.
//
// Bytes are strings of one character a byte (latin1): hashing them is three times as fast as with buffers.

/** SHA-256 (FIPS 180-4) of bytes, as bytes. Passed in, since core imports no crypto. */
export type Sha256 = (bytes: string) => string;

/** A hash of the tree: 32 bytes. */
export type Hash = string;

export const hashBytes = 32;

/** The hash of a complete subtree: the leaves from `index * 2 ** level`, `2 ** level` of them. */
export type SubtreeHash = (level: number, index: number) => Hash;

export const leafHash = (sha256: Sha256, line: string): Hash => sha256(`\u0000${line}`);

export const nodeHash = (sha256: Sha256, left: Hash, right: Hash): Hash => sha256(`\u0001${left}${right}`);

/** A complete subtree of a tree that grows, and the next larger one, on its left. */
interface Peak {
  readonly hash: Hash;
  readonly left: Peak | undefined;
}

/** The tree while it grows: the hashes of its complete subtrees, from the right (smallest) to the left. Trees share what they have in common. */
export interface Frontier {
  readonly size: number;
  readonly last: Peak | undefined;
}

export const emptyFrontier: Frontier = { size: 0, last: undefined };

/** The tree with one more leaf. @param onNode is told of each subtree that this completes, the leaf itself first. */
export function withLeaf(
  sha256: Sha256,
  { size, last }: Frontier,
  leaf: Hash,
  onNode?: (level: number, index: number, hash: Hash) => void,
): Frontier {
  let [hash, left] = [leaf, last];
  onNode?.(0, size, hash);
  // A size in binary says which subtrees are complete: each one at its end is joined with the one before it.
  for (let [level, index] = [1, size]; index % 2 === 1; level += 1) {
    const { hash: neighbour, left: next } = left as Peak;
    index = (index - 1) / 2;
    hash = nodeHash(sha256, neighbour, hash);
    left = next;
    onNode?.(level, index, hash);
  }
  return { size: size + 1, last: { hash, left } };
}

/** The tree of a size. @param peaks the hashes of its complete subtrees, from the left (largest) to the right */
export function frontierFrom(size: number, peaks: readonly Hash[]): Frontier {
  return { size, last: peaks.reduce<Peak | undefined>((left, hash) => ({ hash, left }), undefined) };
}

/** The root of the tree; of the empty one, the hash of nothing (RFC 6962 section 2.1). */
export function rootOf(sha256: Sha256, { last }: Frontier): Hash {
  if (last === undefined) return sha256('');
  let root = last.hash;
  for (let peak = last.left; peak !== undefined; peak = peak.left) root = nodeHash(sha256, peak.hash, root);
  return root;
}

/** A tree of a size, whose complete subtrees can be read. */
export interface Tree {
  readonly sha256: Sha256;
  readonly size: number;
  readonly hash: SubtreeHash;
}

/** The largest power of two below `size`, which is two or more: where a tree is split. */
function splitOf(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The root of the leaves from `start` up to `end`, where `start` is where a split puts it. */
function rangeHash(tree: Tree, start: number, end: number): Hash {
  const size = end - start;
  const level = Math.log2(size);
  if (Number.isInteger(level)) return tree.hash(level, start / size);
  const middle = start + splitOf(size);
  return nodeHash(tree.sha256, rangeHash(tree, start, middle), rangeHash(tree, middle, end));
}

/** The audit path of a leaf, from its neighbour up to the root's child (RFC 6962 section 2.1.1). @param index below the tree's size */
export function inclusionProof(tree: Tree, index: number): readonly Hash[] {
  const path = (start: number, end: number): readonly Hash[] => {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...path(start, middle), rangeHash(tree, middle, end)]
      : [...path(middle, end), rangeHash(tree, start, middle)];
  };
  return path(0, tree.size);
}

/**
 * That the tree of the first `earlier` leaves is the beginning of this one (RFC 6962 section 2.1.2).
 * @param earlier a size from 1 up to the tree's.
 */
export function consistencyProof(tree: Tree, earlier: number): readonly Hash[] {
  const path = (start: number, end: number, known: boolean): readonly Hash[] => {
    if (end === earlier) return known ? [] : [rangeHash(tree, start, end)];
    const middle = start + splitOf(end - start);
    return earlier <= middle
      ? [...path(start, middle, known), rangeHash(tree, middle, end)]
      : [...path(middle, end, false), rangeHash(tree, start, middle)];
  };
  return path(0, tree.size, true);
}
