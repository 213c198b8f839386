import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadlineAt, nap, timeLeft } from '../../../src/core/deadline.ts';

const instant = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });
const boot = fc.integer({ min: 0, max: 10_000_000_000 });
const length = fc.integer({ min: 0, max: 86_400_000 });
/** As the kernel tells it: hundredths of a second, rounded down. */
const told = (ms: number): number => Math.floor(ms / 10) * 10;

describe('law 4: a deadline', () => {
  test('is never early: on clocks that agree there is time left until the very end', () => {
    fc.assert(
      fc.property(instant, boot, length, fc.double({ min: 0, max: 1, noNaN: true }), (wall, up, ms, part) => {
        const deadline = deadlineAt(wall + ms, { wall, boot: told(up) });
        const passed = Math.floor(ms * part);
        const left = timeLeft(deadline, { wall: wall + passed, boot: told(up + passed) });
        expect(left > 0).toBe(passed < ms);
      }),
    );
  });

  test('comes though the wall clock was set back: the boot clock ends it', () => {
    fc.assert(
      fc.property(instant, boot, length, fc.integer({ min: 0, max: 1e9 }), (wall, up, ms, back) => {
        const deadline = deadlineAt(wall + ms, { wall, boot: told(up) });
        expect(timeLeft(deadline, { wall: wall - back, boot: up + ms + 30 })).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('comes with the wall clock though the boot clock stands still', () => {
    fc.assert(
      fc.property(instant, boot, length, (wall, up, ms) => {
        const deadline = deadlineAt(wall + ms, { wall, boot: up });
        expect(timeLeft(deadline, { wall: wall + ms, boot: up })).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('nobody sleeps longer than two seconds before looking at the clocks again, nor not at all', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e12, noNaN: true }), (left) => {
        expect(nap(left)).toBeGreaterThanOrEqual(1);
        expect(nap(left)).toBeLessThanOrEqual(2000);
        if (left > 0 && left <= 2000) expect(nap(left)).toBeGreaterThanOrEqual(left);
      }),
    );
  });
});
