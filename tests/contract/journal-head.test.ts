// When a head is written into the journal (src/adapters/journal/journal.ts): a while after a record, with the timers moved by hand.
import { afterEach, expect, jest, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { folder, keys, path } from './journal-folder.ts';
import { openWriter } from './segmented-journal.ts';

afterEach(() => void jest.useRealTimers());

interface Line {
  readonly event: string;
  readonly checkpoint?: readonly string[];
}

const lines = async (): Promise<readonly Line[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((one) => JSON.parse(one) as Line);

async function until(is: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !(await is()); await turn())
    if (performance.now() > end) throw new Error('it did not come');
}

test('60 s after a record without another a head stands in the journal, and none without a record', async () => {
  jest.useFakeTimers({ now: Date.now(), doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  const isArmed = (): boolean => jest.getTimerCount() > 0;
  const isThere = async (): Promise<boolean> => (await lines()).at(-1)?.event === 'head';
  const journal = await openWriter(folder, keys);
  await until(isArmed);
  jest.advanceTimersByTime(60_000);
  expect(isArmed()).toBe(false);
  await until(isThere);
  jest.advanceTimersByTime(600_000);
  await journal.write('tick', {});
  await until(isArmed);
  jest.advanceTimersByTime(59_999);
  expect(isArmed()).toBe(true);
  jest.advanceTimersByTime(1);
  await until(isThere);
  const all = await lines();
  expect(all.map(({ event }) => event)).toEqual(['opened', 'head', 'tick', 'head']);
  expect(all.at(-1)?.checkpoint?.slice(0, 2)).toEqual(['tmux-gate/box', '3']);
  await journal.close();
});
