import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineCutter, TooLong } from '../../../src/wire/frames.ts';

test('lines come out as they went in, however the stream was cut', () => {
  const text = fc.string().map((value) => value.replaceAll('\n', ' '));
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat(200)), (lines, cuts) => {
      const stream = lines.map((line) => `${line}\n`).join('');
      const places = [0, ...cuts.filter((at) => at <= stream.length).sort((a, b) => a - b), stream.length];
      const cut = lineCutter(1000);
      const out = places.slice(1).flatMap((to, i) => cut(stream.slice(places[i], to)));
      expect(out).toEqual(lines);
    }),
  );
});

test('law 1: a peer that sends more than the bound without an end of line is cut off', () => {
  const cut = lineCutter(10);
  expect(cut('0123456789')).toEqual([]);
  expect(() => cut('x')).toThrow(TooLong);
  expect(() => lineCutter(10)('01234567890\n')).toThrow(TooLong);
  expect(lineCutter(10)('0123456789\n\n')).toEqual(['0123456789', '']);
});
