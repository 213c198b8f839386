// The Merkle tree of the journal (src/core/tlog/merkle, verify): RFC 6962 by its definition, beside what grows leaf by leaf.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  consistencyProof,
  emptyFrontier,
  frontierFrom,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  withLeaf,
  type Frontier,
  type Hash,
  type Tree,
} from '../../../../src/core/tlog/merkle.ts';
import { isConsistent, isIncluded } from '../../../../src/core/tlog/verify.ts';

const sha256 = (bytes: string): string => createHash('sha256').update(bytes, 'latin1').digest('latin1');
const hex = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('hex');

/** MTH of RFC 6962 section 2.1, word for word. */
function rootByDefinition(lines: readonly string[]): Hash {
  if (lines.length === 0) return sha256('');
  if (lines.length === 1) return sha256(`\u0000${lines[0] as string}`);
  let k = 1;
  while (k * 2 < lines.length) k *= 2;
  return sha256(`\u0001${rootByDefinition(lines.slice(0, k))}${rootByDefinition(lines.slice(k))}`);
}

const largest = 40;
const lines = Array.from({ length: largest }, (_, n) => `{"n":${n + 1}}`);
const nodes = new Map<string, Hash>();
const frontiers: Frontier[] = [emptyFrontier];
for (const line of lines)
  frontiers.push(
    withLeaf(sha256, frontiers.at(-1) as Frontier, leafHash(sha256, line), (level, index, hash) =>
      nodes.set(`${level} ${index}`, hash),
    ),
  );

const treeOf = (size: number): Tree => ({
  ...{ sha256, size },
  hash: (level, index) => {
    expect((index + 1) * 2 ** level).toBeLessThanOrEqual(size);
    return nodes.get(`${level} ${index}`) as Hash;
  },
});
const headOf = (size: number) => ({ size, root: rootOf(sha256, frontiers[size] as Frontier) });
const leafOf = (index: number): Hash => leafHash(sha256, lines[index] as string);
const other = (hash: Hash): Hash => `${hash[0] === 'a' ? 'b' : 'a'}${hash.slice(1)}`;

describe('the root', () => {
  test('of every size is that of the definition', () => {
    for (let size = 0; size <= largest; size += 1)
      expect(headOf(size).root).toBe(rootByDefinition(lines.slice(0, size)));
  });

  test('grows on from the complete subtrees of a size', () => {
    const sizes = Array.from({ length: largest }, (_, size) => size);
    for (const size of sizes) {
      const levels = [5, 4, 3, 2, 1, 0].filter((level) => (size >> level) % 2 === 1);
      const peaks = levels.map((level) => nodes.get(`${level} ${(size >> level) - 1}`) as Hash);
      const next = withLeaf(sha256, frontierFrom(size, peaks), leafOf(size));
      expect([size, rootOf(sha256, next)]).toEqual([size, headOf(size + 1).root]);
    }
  });

  test('of the trees of certificate transparency is the known one', () => {
    // The inputs and roots that the reference implementations of RFC 6962 test with.
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const grown = inputs.reduce(
      (frontier, input) => withLeaf(sha256, frontier, leafHash(sha256, Buffer.from(input, 'hex').toString('latin1'))),
      emptyFrontier,
    );
    expect(hex(rootOf(sha256, grown))).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
    expect(hex(rootOf(sha256, emptyFrontier))).toMatch(/^e3b0c442/);
  });

  test('tells a record from an inner node', () => {
    const [left, right] = [leafOf(0), leafOf(1)];
    expect(leafHash(sha256, left + right)).not.toBe(nodeHash(sha256, left, right));
  });
});

describe('an inclusion proof', () => {
  test('holds for each leaf of each size, and for nothing else', () => {
    for (let size = 1; size <= largest; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(treeOf(size), index);
        const holds = (change: object, head: object = {}): boolean =>
          isIncluded(sha256, { ...headOf(size), ...head }, { index, leaf: leafOf(index), proof, ...change });
        expect(holds({})).toBe(true);
        expect(holds({ leaf: other(leafOf(index)) })).toBe(false);
        expect(holds({ proof: [...proof, leafOf(0)] })).toBe(false);
        expect(holds({}, { root: other(headOf(size).root) })).toBe(false);
        if (proof.length > 0) expect(holds({ proof: proof.slice(1) })).toBe(false);
        if (proof.length > 0) expect(holds({ proof: [other(proof[0] as Hash), ...proof.slice(1)] })).toBe(false);
      }
  });

  test('holds at its own index alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: largest }), fc.nat(), fc.nat(), (size, a, b) => {
        const [index, wrong] = [a % size, b % size];
        fc.pre(index !== wrong);
        const proof = inclusionProof(treeOf(size), index);
        expect(isIncluded(sha256, headOf(size), { index: wrong, leaf: leafOf(index), proof })).toBe(false);
      }),
    );
  });

  test('of a place that no tree has proves nothing', () => {
    for (const index of [-1, 0.5, 3, Number.NaN, 2 ** 53])
      expect(isIncluded(sha256, headOf(3), { index, leaf: leafOf(0), proof: [] })).toBe(false);
    for (const size of [-1, 0, 1.5, 2 ** 53])
      expect(isIncluded(sha256, { ...headOf(1), size }, { index: 0, leaf: leafOf(0), proof: [] })).toBe(false);
  });
});

describe('a consistency proof', () => {
  test('holds between every two sizes, and not with anything changed', () => {
    for (let later = 1; later <= largest; later += 1)
      for (let earlier = 1; earlier <= later; earlier += 1) {
        const proof = consistencyProof(treeOf(later), earlier);
        const holds = (given: readonly Hash[], from = headOf(earlier), to = headOf(later)): boolean =>
          isConsistent(sha256, from, to, given);
        expect(holds(proof)).toBe(true);
        expect(holds([...proof, leafOf(0)])).toBe(false);
        expect(holds(proof, { ...headOf(earlier), root: other(headOf(earlier).root) })).toBe(false);
        expect(holds(proof, headOf(earlier), { ...headOf(later), root: other(headOf(later).root) })).toBe(false);
        if (proof.length > 0) expect(holds(proof.slice(0, -1))).toBe(false);
        if (proof.length > 0) expect(holds([other(proof[0] as Hash), ...proof.slice(1)])).toBe(false);
      }
  });

  test('of the empty tree is empty, and no tree shrinks', () => {
    expect(isConsistent(sha256, headOf(0), headOf(5), [])).toBe(true);
    expect(isConsistent(sha256, headOf(0), headOf(5), [leafOf(0)])).toBe(false);
    expect(isConsistent(sha256, { size: 0, root: leafOf(0) }, headOf(5), [])).toBe(false);
    expect(isConsistent(sha256, headOf(5), headOf(4), [])).toBe(false);
    expect(isConsistent(sha256, headOf(3), headOf(5), [])).toBe(false);
    for (const size of [-1, 0.5, 2 ** 53])
      expect(isConsistent(sha256, { ...headOf(1), size }, headOf(5), [])).toBe(false);
    expect(isConsistent(sha256, headOf(3), { ...headOf(5), size: 5.5 }, [])).toBe(false);
  });

  test('does not hold for a history that was written anew', () => {
    const forged = [...lines.slice(0, 9), 'another', ...lines.slice(10, 20)];
    const proof = consistencyProof(treeOf(20), 15);
    expect(isConsistent(sha256, headOf(15), { size: 20, root: rootByDefinition(forged) }, proof)).toBe(false);
  });
});
