// Periods: what people write is the interval that they mean, in UTC, and what is unclear is no period.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePeriod, yearBefore, type Period } from '../../../src/core/period.ts';

const read = (text: string): readonly string[] | undefined => {
  const period = parsePeriod(text);
  return period && [period.from, period.to].map((at) => new Date(at).toISOString().replace(':00.000Z', ''));
};

describe('what is a period', () => {
  test.each([
    ['2026-Q1', '2026-01-01T00:00', '2026-04-01T00:00'],
    ['2026-Q3', '2026-07-01T00:00', '2026-10-01T00:00'],
    ['2026-Q4', '2026-10-01T00:00', '2027-01-01T00:00'],
    ['2026-07', '2026-07-01T00:00', '2026-08-01T00:00'],
    ['2026-12', '2026-12-01T00:00', '2027-01-01T00:00'],
    ['2028-02', '2028-02-01T00:00', '2028-03-01T00:00'],
    ['2026-07-01..2026-09-30', '2026-07-01T00:00', '2026-10-01T00:00'],
    ['2028-02-29..2028-02-29', '2028-02-29T00:00', '2028-03-01T00:00'],
    ['2999-12-31..2999-12-31', '2999-12-31T00:00', '3000-01-01T00:00'],
  ])('%s', (text, from, to) => {
    expect(read(text)).toEqual([from, to]);
    expect(parsePeriod(text)?.name).toBe(text);
  });

  test('a quarter may be written with a small q, and has one name', () => {
    expect(parsePeriod('2026-q3')).toEqual(parsePeriod('2026-Q3'));
  });

  test('the days of a quarter, both ends included, are the quarter', () => {
    expect(read('2026-07-01..2026-09-30')).toEqual(read('2026-Q3'));
  });
});

describe('what is none', () => {
  test.each([
    ...['', '2026', '2026-Q0', '2026-Q5', 'Q3', '2026Q3', '2026-Q3 ', ' 2026-Q3', '2026-Q3\n', '26-Q3', '1999-Q4'],
    ...['2026-00', '2026-13', '2026-7', '2026-07-01', '2026-07-01..', '..2026-07-01', '2026-07-01...2026-07-02'],
    ...['2026-02-30..2026-03-01', '2026-02-01..2026-02-30', '2026-00-10..2026-01-10', '2026-01-10..2026-13-10'],
    ...['2026-07-02..2026-07-01', '2026-07-01..1999-07-02', '2026-07-01..2026-Q3', '２026-Q3', '3000-Q1'],
  ])('%j', (text) => {
    expect(parsePeriod(text)).toBeUndefined();
  });
});

test('what parses has a start before its end, in whole days, and its name is the same period', () => {
  const texts = fc.stringMatching(/^2\d{3}-(Q[1-4]|[01]\d|[01]\d-[0-3]\d\.\.2\d{3}-[01]\d-[0-3]\d)$/);
  fc.assert(
    fc.property(texts, (text) => {
      const period = parsePeriod(text);
      if (period === undefined) return;
      expect(period.from).toBeLessThan(period.to);
      expect([period.from % 86_400_000, period.to % 86_400_000]).toEqual([0, 0]);
      expect(parsePeriod(period.name)).toEqual(period);
    }),
  );
});

describe('the year before', () => {
  const before = (text: string): readonly string[] => yearBefore(parsePeriod(text) as Period).map(({ name }) => name);

  test('a quarter has four quarters, a month twelve months, the oldest first, and days have none', () => {
    expect(before('2026-Q3')).toEqual(['2025-Q3', '2025-Q4', '2026-Q1', '2026-Q2']);
    expect(before('2026-02')).toHaveLength(12);
    expect([before('2026-02')[0], before('2026-02').at(-1)]).toEqual(['2025-02', '2026-01']);
    expect(before('2026-07-01..2026-09-30')).toEqual([]);
  });

  test('ends where the years that can be written begin', () => {
    expect(before('2000-Q2')).toEqual(['2000-Q1']);
  });
});
