import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grantedMore, possibleMore } from '../../../src/core/extension.ts';
import { hour, minute, windowEnd } from '../../../src/core/time.ts';

const instant = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
const length = fc.integer({ min: 1, max: 24 * hour });

describe('law 4: however often a window goes on, its end is never further away than the longest window', () => {
  test('what is possible is what is left of the longest window', () => {
    expect(possibleMore(10 * minute, 0, hour)).toBe(50 * minute);
    expect(possibleMore(10 * minute + 1, 0, hour)).toBe(50 * minute - 1000);
    expect(possibleMore(2 * hour, 0, hour)).toBe(0);
  });

  test('what is granted is never more than asked for, nor more than is possible', () => {
    expect(grantedMore(15 * minute, 10 * minute, 0, hour)).toBe(15 * minute);
    expect(grantedMore(hour, 10 * minute, 0, hour)).toBe(50 * minute);
    fc.assert(
      fc.property(instant, length, length, length, (now, left, asked, max) => {
        const end = windowEnd(now, left);
        const more = grantedMore(asked, end, now, max);
        expect(more).toBeGreaterThanOrEqual(0);
        expect(more).toBeLessThanOrEqual(asked);
        if (more > 0) expect(windowEnd(end, more)).toBeLessThanOrEqual(now + max);
      }),
    );
  });
});
