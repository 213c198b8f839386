import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../../src/adapters/sha256.ts';
import {
  chainAfter,
  faultOf,
  isDue,
  noChain,
  rangeBytes,
  rangeMs,
  takeFrom,
  type Range,
} from '../../../../src/core/recording/ranges.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('what an open range takes', () => {
  test('is every whole line, and never a part of one that may still be written', () => {
    expect(takeFrom(bytes('one\ntwo\nthr'), 0, true)).toEqual({ bytes: 8, whole: true, full: false });
    expect(takeFrom(bytes('thr'), 8, true)).toEqual({ bytes: 0, whole: false, full: false });
  });

  test('is a long line piece by piece', () => {
    expect(takeFrom(bytes('x'.repeat(100)), 0, false)).toEqual({ bytes: 100, whole: false, full: false });
  });

  test('ends behind the line that fills it, at 1 MiB exactly or later', () => {
    expect(takeFrom(bytes('ab\ncd\nef\n'), rangeBytes - 3, true)).toEqual({ bytes: 3, whole: true, full: true });
    expect(takeFrom(bytes('ab\ncd\nef\n'), rangeBytes - 4, true)).toEqual({ bytes: 6, whole: true, full: true });
    expect(takeFrom(bytes('ab\n'), rangeBytes - 4, true)).toEqual({ bytes: 3, whole: true, full: false });
    expect(takeFrom(bytes('ab\ncd\n'), rangeBytes + 7, true)).toEqual({ bytes: 3, whole: true, full: true });
  });
});

test('a range is due a minute after its first byte', () => {
  expect(isDue(1000, 1000 + rangeMs - 1)).toBe(false);
  expect(isDue(1000, 1000 + rangeMs)).toBe(true);
});

/** Ranges that end at these bytes. */
function ranges(...ends: readonly number[]): Range[] {
  let [from, chain] = [0, noChain];
  return ends.map((to, range) => {
    const digest = sha256(`${from} ${to}`);
    chain = chainAfter(chain, digest, sha256);
    const made = { range, from, to, sha256: digest, chain };
    from = to;
    return made;
  });
}

const closed = (all: readonly Range[]) => ({
  ranges: all.length,
  bytes: all.at(-1)?.to ?? 0,
  chain: all.at(-1)?.chain ?? noChain,
});

describe('the records of a recording', () => {
  const good = ranges(10, 25, 30);

  test('are in order, with or without an end, and without any range', () => {
    expect(faultOf(good, undefined, sha256)).toBeUndefined();
    expect(faultOf(good, closed(good), sha256)).toBeUndefined();
    expect(faultOf([], closed([]), sha256)).toBeUndefined();
  });

  test('one that is left out, swapped, moved or empty is found', () => {
    const [first, second, third] = good as [Range, Range, Range];
    expect(faultOf([first, third], undefined, sha256)).toEqual({ fault: 'gap', range: 1 });
    expect(faultOf([second, first], undefined, sha256)).toEqual({ fault: 'gap', range: 0 });
    expect(faultOf([first, { ...second, from: 11 }], undefined, sha256)).toEqual({ fault: 'gap', range: 1 });
    expect(faultOf([{ ...first, to: 0 }], undefined, sha256)).toEqual({ fault: 'empty', range: 0 });
  });

  test('a digest that was replaced breaks the chain', () => {
    const [first, second] = good as [Range, Range, Range];
    expect(faultOf([first, { ...second, sha256: first.sha256 }], undefined, sha256)).toEqual({
      fault: 'chain',
      range: 1,
    });
  });

  test('an end that says something else is found, most of all after ranges were cut', () => {
    const end = closed(good);
    for (const wrong of [{ ranges: 2 }, { bytes: 31 }, { chain: noChain }])
      expect(faultOf(good, { ...end, ...wrong }, sha256)).toEqual({ fault: 'end', range: 3 });
    expect(faultOf(good.slice(0, 2), end, sha256)).toEqual({ fault: 'end', range: 2 });
  });
});
