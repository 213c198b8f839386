import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutTo, padTo, tailOf, widthOf, wrapTo } from '../../../src/wire/width.ts';

test.each([
  ['abc', 3],
  ['', 0],
  ['é', 1],
  ['e\u0301', 1],
  ['日本', 4],
  ['한', 2],
  ['🔥', 2],
  ['ｆ', 2],
  ['…', 1],
])('%j takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test.each([
  ['replica lag', 20, 'replica lag'],
  ['replica lag', 8, 'replica…'],
  ['日本語', 6, '日本語'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['日本語', 1, '…'],
  ['日本語', 0, ''],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
])('%j cut to %i columns is %j', (text, width, cut) => {
  expect(cutTo(text, width)).toBe(cut);
});

test('the end of a text, whole characters alone', () => {
  expect(tailOf('abcdef', 3)).toBe('def');
  expect(tailOf('日本語', 5)).toBe('本語');
  expect(tailOf('ab', 5)).toBe('ab');
});

test('a text is filled up to its width, and left when it is longer', () => {
  expect(padTo('日', 4)).toBe('日  ');
  expect(padTo('abc', 2)).toBe('abc');
});

describe('wrapping', () => {
  test.each([
    ['one two three', 8, ['one two', 'three']],
    ['incomprehensible', 6, ['incomp', 'rehens', 'ible']],
    ['a 日本語日本', 6, ['a', '日本語', '日本']],
    ['  Who       alice', 20, ['  Who       alice']],
    ['日', 1, ['日']],
    ['日本', 1, ['日', '本']],
    ['abc ', 3, ['abc']],
    ['', 5, ['']],
  ])('%j in %i columns', (text, width, lines) => {
    expect(wrapTo(text, width)).toEqual(lines);
  });

  test('law 9: hides nothing and fits, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrapTo(text, width);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      }),
    );
  });

  test('what is cut fits, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat({ max: 40 }), (text, width) => {
        expect(widthOf(cutTo(text, width))).toBeLessThanOrEqual(width);
        expect(widthOf(tailOf(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
