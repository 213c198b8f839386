import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  day,
  formatClock,
  formatDuration,
  formatElapsed,
  formatInstant,
  hour,
  minute,
  parseDuration,
  parseSince,
  second,
  spellDuration,
  windowEnd,
} from '../../../src/core/time.ts';

const tenYears = 3650 * day;
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
const wholeSeconds = fc.integer({ min: 1, max: tenYears / second }).map((n) => n * second);

test.each([
  ['45s', 45 * second],
  ['20m', 20 * minute],
  ['8h', 8 * hour],
  ['1d', day],
  ['1h30m', hour + 30 * minute],
  ['3650d', tenYears],
])('%s is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '20', '0m', '-5m', '1.5h', '5 m', ' 5m', '5m ', '5m\n', '٥m', '1e3s', '5M', '20min', '3651d', '05m'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test('a long row of units is refused before it is added up', () => {
  expect(parseDuration('1s'.repeat(17))).toBeUndefined();
});

test('what is parsed is a whole number of seconds within ten years, whatever was typed', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9smhd ]{0,12}$/)), (text) => {
      const ms = parseDuration(text);
      if (ms === undefined) return;
      expect(ms % second).toBe(0);
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(tenYears);
    }),
  );
});

test('a spelled duration parses back to the same, up to the longest there is', () => {
  fc.assert(fc.property(wholeSeconds, (ms) => expect(parseDuration(spellDuration(ms))).toBe(ms)));
  expect(spellDuration(365 * day)).toBe('365d');
});

test.each([
  [0, '0s'],
  [-5, '0s'],
  [1, '1s'],
  [45 * second, '45s'],
  [19 * minute + 30 * second, '19m 30s'],
  [20 * minute, '20m'],
  [hour, '1h'],
  [hour + 5 * minute, '1h 05m'],
  [26 * hour, '26h'],
])('%i ms are shown as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, '0s'],
  [999, '0s'],
  [1_000, '1s'],
  [61_999, '1m 01s'],
])('what has lasted for %i ms is shown as %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

test('instants are shown in UTC', () => {
  expect(formatInstant(Date.UTC(2026, 2, 1, 3, 12, 9, 999))).toBe('2026-03-01 03:12:09 UTC');
  expect(formatClock(Date.UTC(2026, 2, 1, 3, 12, 9))).toBe('03:12:09 UTC');
});

test('law 4: the end of a window is a whole second and never later than what was approved', () => {
  fc.assert(
    fc.property(instant, wholeSeconds, (start, ms) => {
      const end = windowEnd(start, ms);
      expect(end % second).toBe(0);
      expect(end).toBeLessThanOrEqual(start + ms);
      expect(start + ms - end).toBeLessThan(second);
    }),
  );
});

describe('since when', () => {
  const now = Date.parse('2026-11-29T05:30:00Z');
  const whole = (text: string): string | undefined => {
    const at = parseSince(text, now);
    return at === undefined ? undefined : new Date(at).toISOString();
  };

  test.each([
    ['90m', '2026-11-29T04:00:00.000Z'],
    ['7d', '2026-11-22T05:30:00.000Z'],
    ['today', '2026-11-29T00:00:00.000Z'],
    ['yesterday', '2026-11-28T00:00:00.000Z'],
    ['2026-11-28', '2026-11-28T00:00:00.000Z'],
  ])('%s begins at %s', (text, at) => expect(whole(text)).toBe(at));

  test.each(['', 'x', '7', '2026-02-30', '2026-13-01', '2026-11-28T10:00', 'Yesterday'])('%j is none', (text) =>
    expect(whole(text)).toBeUndefined(),
  );
});
