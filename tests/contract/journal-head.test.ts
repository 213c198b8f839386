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

test('with records all the time a head stands in the journal 60 s after the first of them, and so again', async () => {
  jest.useFakeTimers({ now: Date.now(), doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  const heads = async (): Promise<number> => (await lines()).filter(({ event }) => event === 'head').length;
  const journal = await openWriter(folder, keys);
  await until(() => jest.getTimerCount() > 0); // `opened` is the first record
  for (let round = 1; round <= 2; round += 1) {
    for (const ms of [30_000, 29_000, 999]) {
      jest.advanceTimersByTime(ms);
      await journal.write('tick', {});
      await until(() => jest.getTimerCount() > 0);
    }
    expect(await heads()).toBe(round - 1);
    jest.advanceTimersByTime(1);
    expect(jest.getTimerCount()).toBe(0);
    await until(async () => (await heads()) === round);
    await journal.write('tick', {});
    await until(() => jest.getTimerCount() > 0);
  }
  const all = (await lines()).map(({ event }) => event);
  expect(all).toEqual(['opened', 'tick', 'tick', 'tick', 'head', 'tick', 'tick', 'tick', 'tick', 'head', 'tick']);
  await journal.close();
});
