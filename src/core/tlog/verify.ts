// Checks of Merkle proofs, by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2, which know nothing of how proofs are made.
//
// 1. Each check uses the whole proof and the whole path: a proof that is too short or too long proves nothing. Attack: a valid proof
//    with hashes added or left out.
// 2. Index and size are whole numbers that a double holds exactly. Attack: numbers beyond that, of which two are read as one.
import { nodeHash, rootOf, emptyFrontier, type Hash, type Sha256 } from './merkle.ts';

/** A tree that somebody signed. */
export interface TreeHead {
  /** How many leaves it has. */
  readonly size: number;
  readonly root: Hash;
}

export interface Inclusion {
  /** Counts from 0. */
  readonly index: number;
  readonly leaf: Hash;
  readonly proof: readonly Hash[];
}

/** Where a path is, from a leaf up: the number of the node in its level, and of the last node there. */
interface Place {
  node: number;
  last: number;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function up(place: Place): void {
  place.node = Math.floor(place.node / 2);
  place.last = Math.floor(place.last / 2);
}

/** A node without a neighbour to its right is carried up unchanged until it is somebody's right child. */
function upToRightChild(place: Place): void {
  while (place.node % 2 === 0 && place.node !== 0) up(place);
}

const isRight = ({ node, last }: Place): boolean => node % 2 === 1 || node === last;

/** Whether the leaf is in the tree at that index. */
export function isIncluded(sha256: Sha256, head: TreeHead, { index, leaf, proof }: Inclusion): boolean {
  if (!isCount(head.size) || !isCount(index) || index >= head.size) return false;
  const place = { node: index, last: head.size - 1 };
  let hash = leaf;
  for (const neighbour of proof) {
    if (place.last === 0) return false;
    if (isRight(place)) {
      hash = nodeHash(sha256, neighbour, hash);
      upToRightChild(place);
    } else hash = nodeHash(sha256, hash, neighbour);
    up(place);
  }
  return place.last === 0 && hash === head.root;
}

/** Whether the later tree begins with all leaves of the earlier one, unchanged. The empty tree is the beginning of every tree. */
export function isConsistent(sha256: Sha256, earlier: TreeHead, later: TreeHead, proof: readonly Hash[]): boolean {
  if (!isCount(earlier.size) || !isCount(later.size) || earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root === later.root;
  if (earlier.size === 0) return proof.length === 0 && earlier.root === rootOf(sha256, emptyFrontier);
  return growsInto(sha256, earlier, later, proof);
}

function growsInto(sha256: Sha256, earlier: TreeHead, later: TreeHead, proof: readonly Hash[]): boolean {
  // A complete earlier tree is a node of the later one, and its hash is known: the proof leaves it out.
  const isComplete = Number.isInteger(Math.log2(earlier.size));
  const [first, ...rest] = isComplete ? [earlier.root, ...proof] : proof;
  if (first === undefined) return false;
  const place = { node: earlier.size - 1, last: later.size - 1 };
  while (place.node % 2 === 1) up(place);
  let [before, after] = [first, first];
  for (const hash of rest) {
    if (place.last === 0) return false;
    if (isRight(place)) {
      [before, after] = [nodeHash(sha256, hash, before), nodeHash(sha256, hash, after)];
      upToRightChild(place);
    } else after = nodeHash(sha256, after, hash);
    up(place);
  }
  return place.last === 0 && before === earlier.root && after === later.root;
}
