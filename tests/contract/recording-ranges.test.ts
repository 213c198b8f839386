// Ranges of real files: what the keeper reads while a gate writes, and what a verifier finds later.
import { afterAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { followFile, RecordingChanged, type Growing } from '../../src/adapters/recordings/growing.ts';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { sealRecording } from '../../src/adapters/recordings/seal.ts';
import type { ClosedRecording } from '../../src/core/recording/ranges.ts';
import { verifyRecording } from '../../src/adapters/recordings/verify.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { chainAfter, noChain, rangeBytes, rangeMs, type Range } from '../../src/core/recording/ranges.ts';
import { temporary } from '../unit/gate/folder.ts';

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());

let files = 0;
const newBase = (): string => `${folder.path}/${++files}`;
const line = (bytes: number): string => `${'x'.repeat(bytes - 1)}\n`;
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** All ranges that are closed at this instant. */
async function rangesAt(growing: Growing, now: number, isLast = false): Promise<Range[]> {
  const found: Range[] = [];
  for (let range; (range = await growing.next(now, isLast)) !== undefined; growing.accept(range)) found.push(range);
  return found;
}

/** A recording of 2.5 MiB that is over, and what the journal has of it. */
async function recorded(): Promise<{ base: string; records: { ranges: Range[]; closed: ClosedRecording } }> {
  const base = newBase();
  writeFileSync(`${base}.cast`, line(1000).repeat(2500));
  const growing = followFile(`${base}.cast`);
  const ranges = await rangesAt(growing, 0, true);
  return { base, records: { ranges, closed: growing.reached } };
}

/** The ranges with a chain that fits. */
function chained(ranges: readonly Range[]): readonly Range[] {
  let chain = noChain;
  return ranges.map((one) => ({ ...one, chain: (chain = chainAfter(chain, one.sha256, sha256)) }));
}

async function whatOf(task: Promise<unknown>): Promise<unknown> {
  return task.then(
    () => 'nothing',
    (error: unknown) => (error instanceof RecordingChanged ? error.what : error),
  );
}

describe('the file of a live recording', () => {
  test('is read as it grows: a range at 1 MiB, one after a minute, and the rest at the end', async () => {
    const path = `${newBase()}.cast`;
    const growing = followFile(path);
    expect(await rangesAt(growing, 0)).toEqual([]);
    writeFileSync(path, line(100));
    expect(await rangesAt(growing, 1000)).toEqual([]);
    appendFileSync(path, `${line(50)}part of a li`);
    expect(await rangesAt(growing, 999 + rangeMs)).toEqual([]);
    expect(await rangesAt(growing, 1000 + rangeMs)).toMatchObject([{ range: 0, from: 0, to: 150 }]);
    appendFileSync(path, `ne\n${line(400_000).repeat(3)}`);
    expect(await rangesAt(growing, 1000 + rangeMs)).toMatchObject([{ range: 1, from: 150, to: 1_200_165 }]);
    appendFileSync(path, 'torn');
    expect(await rangesAt(growing, 2000 + rangeMs)).toEqual([]);
    const last = await rangesAt(growing, 2000 + rangeMs, true);
    expect(last).toMatchObject([{ range: 2, from: 1_200_165, to: 1_200_169, sha256: digest(Buffer.from('torn')) }]);
    expect(growing.reached).toEqual({ ranges: 3, bytes: 1_200_169, chain: last[0]?.chain });
  });

  test('is cut behind lines, also where one is longer than a piece that is read', async () => {
    const path = `${newBase()}.cast`;
    writeFileSync(path, line(3 * rangeBytes) + line(10));
    const [first] = await rangesAt(followFile(path), 0);
    expect(first).toMatchObject({ to: 3 * rangeBytes, sha256: digest(readFileSync(path).subarray(0, 3 * rangeBytes)) });
  });

  test('gives a range again until the journal has it, the same one', async () => {
    const path = `${newBase()}.cast`;
    writeFileSync(path, line(10));
    const growing = followFile(path);
    const range = await growing.next(0, true);
    appendFileSync(path, line(10));
    expect(await growing.next(1, true)).toEqual(range);
    expect(growing.reached.ranges).toBe(0);
  });

  test('goes on where an earlier keeper stopped, at once', async () => {
    const path = `${newBase()}.cast`;
    writeFileSync(path, line(10));
    const before = followFile(path);
    const ranges = await rangesAt(before, 0, true);
    appendFileSync(path, line(20));
    const after = await rangesAt(followFile(path, before.reached), 0);
    expect(after).toMatchObject([{ range: 1, from: 10, to: 30 }]);
    const records = { ranges: [...ranges, ...after] };
    expect(await verifyRecording(path.slice(0, -5), records)).toMatchObject({ faults: [], ranges: 2, bytes: 30 });
  });

  test.each([
    ['shorter', (path: string) => truncateSync(path, 5)],
    ['missing', (path: string) => rmSync(path)],
    ['replaced', (path: string) => (writeFileSync(`${path}.new`, line(10)), renameSync(`${path}.new`, path))],
  ] as const)('that is %s is an error, not an end', async (what, change) => {
    const path = `${newBase()}.cast`;
    writeFileSync(path, line(10));
    const growing = followFile(path);
    await growing.next(0);
    change(path);
    expect(await whatOf(growing.next(1, true))).toBe(what);
  });

  test('that an earlier keeper had read has to be there', async () => {
    const { base, records } = await recorded();
    rmSync(`${base}.cast`);
    expect(await whatOf(followFile(`${base}.cast`, records.closed).next(0))).toBe('missing');
  });
});

describe('a verifier of a sealed recording', () => {
  const seal = async (recipients: readonly string[] = []) => {
    const { base, records } = await recorded();
    const { ranges, closed } = records;
    const { file, ...sealed } = await sealRecording({
      ...{ base, recipients, chain: closed.chain },
      cuts: ranges.map(({ to }) => to),
    });
    rmSync(`${base}.cast`);
    return { base, file, records: { ...records, sealed } };
  };

  test('compares the file, and each range in it', async () => {
    const { base, records } = await seal();
    expect(await verifyRecording(base, records)).toEqual({
      ...{ kind: 'sealed', faults: [], ranges: 3, bytes: 2_500_000, unproved: 0, looked: true },
    });
    const [first, second, third] = records.ranges as [Range, Range, Range];
    const other = { ...records, ranges: [first, { ...second, sha256: 'a'.repeat(64) }, third] };
    expect((await verifyRecording(base, other)).faults).toContainEqual({
      ...{ fault: 'changed', range: 1, from: second.from, to: second.to },
    });
    const fewer = await verifyRecording(base, { ranges: [first, second] });
    expect(fewer.faults).toEqual([{ fault: 'longer', bytes: third.to - third.from }]);
  });

  test('finds each changed byte of the file, whether or not it can still be read', async () => {
    const { base, file, records } = await seal();
    const whole = readFileSync(file);
    for (const at of [0, 40, whole.length >> 1, whole.length - 3, whole.length - 1]) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1;
      writeFileSync(file, bytes);
      const { faults } = await verifyRecording(base, records);
      expect(faults).toContainEqual({ fault: 'sealed-file' });
      expect(faults.length).toBeGreaterThan(0);
    }
  });

  test('of an encrypted one compares the file, and what is in it with its identity only', async () => {
    const identity = await generateIdentity();
    const { base, file, records } = await seal([await identityToRecipient(identity)]);
    const closed = { kind: 'encrypted', faults: [], ranges: 0, bytes: 0, unproved: 0, looked: false };
    expect(await verifyRecording(base, records)).toEqual(closed);
    expect(await verifyRecording(base, records, { identity })).toMatchObject({ faults: [], ranges: 3, looked: true });
    truncateSync(file, 500);
    expect(await verifyRecording(base, records)).toEqual({ ...closed, faults: [{ fault: 'sealed-file' }] });
  });
});

describe('a verifier of a plain recording', () => {
  test('finds one in order that is: all of it, and up to the last range after a crash', async () => {
    const { base, records } = await recorded();
    const all = { kind: 'plain', faults: [], ranges: 3, bytes: 2_500_000, unproved: 0, looked: true };
    expect(await verifyRecording(base, records)).toEqual(all);
    appendFileSync(`${base}.cast`, 'what no range has yet');
    expect(await verifyRecording(base, { ranges: records.ranges })).toEqual({ ...all, unproved: 21 });
  });

  test('names the range of a changed byte, and counts what is before it', async () => {
    const { base, records } = await recorded();
    const bytes = readFileSync(`${base}.cast`);
    bytes[1_500_000] = 0;
    writeFileSync(`${base}.cast`, bytes);
    const [, { from, to }] = records.ranges as [Range, Range];
    const fault = { fault: 'changed', range: 1, from, to };
    expect(await verifyRecording(base, records)).toMatchObject({ faults: [fault], ranges: 1, bytes: from });
  });

  test('finds what was cut, added, or removed as a whole', async () => {
    const { base, records } = await recorded();
    appendFileSync(`${base}.cast`, 'x');
    expect(await verifyRecording(base, records)).toMatchObject({ faults: [{ fault: 'longer', bytes: 1 }] });
    truncateSync(`${base}.cast`, 2_499_999);
    expect(await verifyRecording(base, records)).toMatchObject({ faults: [{ fault: 'cut', range: 2 }], ranges: 2 });
    rmSync(`${base}.cast`);
    expect(await verifyRecording(base, records)).toMatchObject({ kind: 'missing', faults: [{ fault: 'missing' }] });
  });

  test.each<readonly [what: string, fault: string, range: number, (all: Range[]) => readonly Range[]]>([
    ['the last one dropped', 'records-end', 2, (all) => all.slice(0, 2)],
    ['one in between dropped', 'records-gap', 1, (all) => all.toSpliced(1, 1)],
    [
      'one in between dropped, and the rest made to follow',
      'records-chain',
      1,
      ([first, second, third]) => [first!, { ...third!, range: 1, from: second!.from }],
    ],
    ['two in another order', 'records-gap', 0, ([first, second, third]) => [second!, first!, third!]],
    [
      'two digests in another order',
      'records-chain',
      1,
      ([first, second, third]) => [
        first!,
        { ...second!, sha256: third!.sha256 },
        { ...third!, sha256: second!.sha256 },
      ],
    ],
    ['one changed', 'records-chain', 1, (all) => all.with(1, { ...all[1]!, sha256: 'a'.repeat(64) })],
    ['all chained anew', 'records-end', 3, (all) => chained(all.with(1, { ...all[1]!, sha256: 'a'.repeat(64) }))],
    ['one that is empty', 'records-empty', 3, (all) => [...all, { ...all[2]!, range: 3, from: all[2]!.to }]],
  ])('finds records of ranges that are not in order, whatever the file is: %s', async (_, fault, range, change) => {
    const { base, records } = await recorded();
    const { faults } = await verifyRecording(base, { ...records, ranges: change(records.ranges) });
    expect(faults).toContainEqual({ fault, range });
  });

  test('finds nothing wrong with a connection that ended before its file was made', async () => {
    const none = await verifyRecording(newBase(), { ranges: [] });
    expect(none).toEqual({ kind: 'missing', faults: [], ranges: 0, bytes: 0, unproved: 0, looked: true });
  });
});
