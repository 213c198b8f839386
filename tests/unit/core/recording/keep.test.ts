// How long recordings are kept (src/core/recording/keep): the session's word before the one for all, and no purge by a clock that was set.
import { describe, expect, test } from '@jest/globals';
import { clockState, isPurgeDue, keepOf } from '../../../../src/core/recording/keep.ts';
import { day, hour, minute } from '../../../../src/core/time.ts';

test('a session says its own; without a word, recordings stay', () => {
  expect(keepOf(undefined, undefined)).toBe('forever');
  expect(keepOf(90 * day, undefined)).toBe(90 * day);
  expect(keepOf(90 * day, 365 * day)).toBe(365 * day);
  expect(keepOf(90 * day, 'forever')).toBe('forever');
  expect(keepOf('forever', day)).toBe(day);
});

test('a recording is due from the instant on at which its time is over', () => {
  expect(isPurgeDue(1000, day, 1000 + day - 1)).toBe(false);
  expect(isPurgeDue(1000, day, 1000 + day)).toBe(true);
  expect(isPurgeDue(1000, 'forever', Number.MAX_SAFE_INTEGER)).toBe(false);
});

describe('the clock', () => {
  const start = { wall: 1_790_000_000_000, monotonic: 5000 };
  const after = (wall: number, monotonic: number): string =>
    clockState(start, { wall: start.wall + wall, monotonic: start.monotonic + monotonic });

  test('is trusted when it ran evenly for an hour', () => {
    expect(after(hour - 1, hour - 1)).toBe('waits');
    expect(after(hour, hour)).toBe('even');
    expect(after(hour + minute, hour)).toBe('even');
  });

  test('is not when it was set, forward or back', () => {
    expect(after(365 * day, hour)).toBe('moved');
    expect(after(hour + minute + 1, hour)).toBe('moved');
    expect(after(hour, 2 * hour)).toBe('moved');
  });
});
