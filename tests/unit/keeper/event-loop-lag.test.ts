// A turn of the loop that is too long is named with the verbs that were in work (law 12).
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { openLoopWatch, type LoopWatch } from '../../../src/keeper/server/event-loop-lag.ts';

interface Told {
  readonly ms: number;
  readonly verbs: readonly string[];
}

let told: Told[];
let watch: LoopWatch;
beforeEach(async () => {
  told = [];
  // Its looks come when the test says so; the measure itself is real.
  jest.useFakeTimers({ doNotFake: ['performance', 'setTimeout', 'clearTimeout', 'nextTick', 'queueMicrotask'] });
  watch = openLoopWatch({ warn: (_: string, fields: Told) => told.push(fields) } as never);
  await delay(20); // the measure takes its first sample
});
afterEach(() => {
  watch.close();
  jest.useRealTimers();
});

function blockLoop(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

/** A verb that keeps the loop, waits until that was measured, and is looked at. */
async function verb(name: string, ms: number): Promise<void> {
  await watch.during(name, async () => {
    await delay(1);
    blockLoop(ms);
    await delay(20);
  });
  jest.advanceTimersByTime(1_000);
}

test('a long turn is told with what was in work, and a longer one again, but none that is shorter', async () => {
  await watch.during('requests', async () => verb('history', 200));
  expect(told[0]?.ms).toBeGreaterThan(150);
  expect(told[0]?.verbs.toSorted()).toEqual(['history', 'requests']);
  await verb('grants', 60);
  await verb('locks', 200 + (told.at(-1)?.ms ?? 0));
  expect(told.at(-1)?.verbs).toContain('locks');
  // A busy machine may add turns of its own: each that is told is longer than those before.
  const lengths = told.map(({ ms }) => ms);
  expect(lengths).toEqual([...new Set(lengths)].toSorted((a, b) => a - b));
  expect(watch.longest()).toBeGreaterThanOrEqual(lengths.at(-1) ?? Infinity);
});
