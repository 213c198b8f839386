// Many records of a log at once: what is shown and what is hidden lead to its root, whichever are shown.
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coverOf } from '../../../../src/core/tlog/cover.ts';
import {
  emptyFrontier,
  frontierFrom,
  leafHash,
  rootOf,
  withLeaf,
  type Frontier,
  type Hash,
  type Sha256,
  type Tree,
} from '../../../../src/core/tlog/merkle.ts';

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes, 'latin1').digest('latin1');

function grown(size: number): {
  readonly tree: Tree;
  readonly leaves: readonly Hash[];
  readonly roots: readonly Hash[];
} {
  const nodes = new Map<string, Hash>();
  const leaves = Array.from({ length: size }, (_, n) => leafHash(sha256, `line ${String(n)}`));
  let frontier: Frontier = emptyFrontier;
  const roots = [rootOf(sha256, frontier)];
  for (const leaf of leaves) {
    frontier = withLeaf(sha256, frontier, leaf, (level, index, hash) =>
      nodes.set(`${String(level)} ${String(index)}`, hash),
    );
    roots.push(rootOf(sha256, frontier));
  }
  const hash = (level: number, index: number): Hash => nodes.get(`${String(level)} ${String(index)}`) ?? '';
  return { tree: { sha256, size, hash }, leaves, roots };
}

test('the root is that of the log, and each record is either shown or in one hidden subtree', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(199)), fc.nat(199), (size, picked, before) => {
      const { tree, leaves, roots } = grown(size);
      const indices = [...new Set(picked.filter((index) => index < size))].sort((a, b) => a - b);
      const earlier = Math.min(before, indices[0] ?? size);
      const shown = indices.map((index) => ({ index, leaf: leaves[index] ?? '' }));
      const { root, hidden } = coverOf(tree, shown, earlier);
      expect(root).toBe(roots[size]);
      const covered = hidden.flatMap(({ level, index }) =>
        Array.from({ length: 2 ** level }, (_, n) => index * 2 ** level + n),
      );
      expect([...covered, ...indices].sort((a, b) => a - b)).toEqual(leaves.map((_, n) => n));
      // The subtrees before the earlier size are those of which its root is made.
      const hashes = hidden.filter(({ level, index }) => (index + 1) * 2 ** level <= earlier).map(({ hash }) => hash);
      expect(rootOf(sha256, frontierFrom(earlier, hashes))).toBe(roots[earlier]);
    }),
    { numRuns: 60 },
  );
});

test('a run of hidden records is one hash where it can be, and a line that was changed leads elsewhere', () => {
  const { tree, leaves, roots } = grown(16);
  const { hidden } = coverOf(tree, [{ index: 9, leaf: leaves[9] ?? '' }], 0);
  expect(hidden.map(({ level, index }) => [level, index])).toEqual([
    [3, 0],
    [0, 8],
    [1, 5],
    [2, 3],
  ]);
  expect(coverOf(tree, [{ index: 9, leaf: leaves[8] ?? '' }], 0).root).not.toBe(roots[16]);
});
