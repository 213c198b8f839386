// The keeper removes the oldest records by `journal.keep`, and leaves what is needed (src/keeper/history/journal-keep.ts).
import { expect, test } from '@jest/globals';
import { headReader } from '../../src/adapters/journal/heads.ts';
import type { UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { firstRecordIn } from '../../src/adapters/journal/read.ts';
import { segmentsIn } from '../../src/adapters/journal/segments.ts';
import { verifyJournal } from '../../src/adapters/journal/verify.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { findLines } from '../../src/evidence/scan.ts';
import { openJournalKeep, type JournalKeepDeps } from '../../src/keeper/history/journal-keep.ts';
import { folder, keys, path } from './journal-folder.ts';
import { fill, writingTo } from './segmented-journal.ts';

const month = 30 * 24 * 3_600_000;

function keepOf(journal: UncheckedJournal, change: Partial<JournalKeepDeps> = {}, age = month) {
  let late = 0;
  const deps: JournalKeepDeps = {
    ...{ host: 'box', layout: { journal: folder }, config: { journal: { rotateBytes: 1, keepMs: month } } },
    ...{ journal: journal as JournalKeepDeps['journal'], keys, holds: { any: () => false } },
    unsealed: { all: () => Promise.resolve([]) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => Date.now() + age + late,
    monotonicNow: () => Date.now() + late,
    ...change,
  };
  const keep = openJournalKeep(deps);
  late = 3_600_000;
  return keep;
}

test('what is old enough, and journals it', async () => {
  await writingTo(folder, keys, async (journal) => {
    await fill(journal);
    expect(await keepOf(journal, {}, month - 2 * 3_600_000).look()).toBeUndefined();
    const last = await keepOf(journal).look();
    expect(firstRecordIn(folder)).toBe(last! + 1);
  });
  const said = findLines(path, { from: 0, to: Infinity }, ['"event":"journal-trimmed"'])[0]!.text;
  expect(JSON.parse(said)).toMatchObject({ first: 1, last: firstRecordIn(folder) - 1, keepMs: month });
  const verifyHead = headReader(keys, 'box');
  expect(await verifyJournal({ folder, verifyHead, sha256 })).toMatchObject({ ok: true });
});

test.each([
  ['for ever, as nothing is said', { config: { journal: { rotateBytes: 1 } } }],
  ['while a recording is held', { holds: { any: () => true } }],
  ['before the clock ran evenly for an hour', { monotonicNow: () => 0 }],
  [
    'in a journal that is not as this host left it',
    { journal: { changed: 'it was cut', write: () => Promise.reject(new Error('refused')) } },
  ],
] as const)('nothing %s', async (_, change) => {
  await writingTo(folder, keys, async (journal) => {
    await fill(journal);
    expect(await keepOf(journal, change as Partial<JournalKeepDeps>).look()).toBeUndefined();
  });
  expect(firstRecordIn(folder)).toBe(1);
});

test('not what a recording needs that is not sealed yet', async () => {
  await writingTo(folder, keys, async (journal) => {
    await fill(journal);
    const { start, first } = segmentsIn(folder)[2]!;
    const open = [{ journal: start }] as unknown as Awaited<ReturnType<JournalKeepDeps['unsealed']['all']>>;
    expect(await keepOf(journal, { unsealed: { all: () => Promise.resolve(open) } }).look()).toBe(first - 1);
  });
});
