// The tree of a journal while it is read: the roots that it had at the sizes that somebody signed.
import { emptyFrontier, rootOf, withLeaf, type Frontier, type Hash } from '../../core/tlog/merkle.ts';
import { hashOf } from './checkpoints.ts';

/** How far back a root can be asked for, in records. More than the writer puts into a batch; a power of two. */
const remembered = 1024;

export class GrowingTree {
  readonly #wanted: ReadonlySet<number>;
  readonly #roots = new Map<number, Hash>();
  readonly #recent: Frontier[] = [emptyFrontier];
  #now = emptyFrontier;

  /** @param wanted sizes at which the root is kept, however far back they are */
  constructor(wanted: ReadonlySet<number>) {
    this.#wanted = wanted;
    if (wanted.has(0)) this.#roots.set(0, rootOf(hashOf, emptyFrontier));
  }

  get size(): number {
    return this.#now.size;
  }

  add(leaf: Hash): void {
    this.#now = withLeaf(hashOf, this.#now, leaf);
    const { size } = this.#now;
    this.#recent[size % remembered] = this.#now;
    if (this.#wanted.has(size)) this.#roots.set(size, rootOf(hashOf, this.#now));
  }

  /** @returns undefined for a size that it did not reach, or that is neither wanted nor among the last thousand */
  rootAt(size: number): Hash | undefined {
    const kept = this.#roots.get(size);
    const frontier = this.#recent[size % remembered];
    return kept ?? (frontier?.size === size ? rootOf(hashOf, frontier) : undefined);
  }
}
