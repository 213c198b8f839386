// The draw of a sample: its order is that of a digest, whatever order the ids come in.
import { expect, test } from '@jest/globals';
import { draw, isSeed } from '../../../../src/core/evidence/draw.ts';

/** A digest that reverses the text, so that the order can be seen. */
const backwards = (text: string): string => Array.from(text).reverse().join('');

test('the order is that of the digest of seed and id, and the first are drawn', () => {
  const ids = ['A2', 'B1', 'C3', 'D0'];
  expect(draw(backwards, ids, 's', 2)).toEqual(['D0', 'B1']);
  expect(draw(backwards, [...ids].reverse(), 's', 3)).toEqual(['D0', 'B1', 'A2']);
  expect(draw(backwards, ids, 's', 9)).toEqual(['D0', 'B1', 'A2', 'C3']);
  expect(draw((text) => text, ['b', 'a'], 'seed', 1)).toEqual(['a']);
});

test('a seed is a word of letters, digits, dots, dashes and underscores', () => {
  for (const seed of ['4711', 'Q3-audit_2026.1', 'x'.repeat(64)]) expect(isSeed(seed)).toBe(true);
  for (const seed of ['', 'a b', 'a:b', 'ü', 'x'.repeat(65)]) expect(isSeed(seed)).toBe(false);
});
