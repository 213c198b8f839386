// The journal in segments: every reader goes over their ends, and a kill or a full disk at any moment loses nothing.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { bytesBefore, wholeEnd } from '../../src/adapters/journal/end.ts';
import { followJournal } from '../../src/adapters/journal/follow.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { findRecord, lineOf } from '../../src/adapters/journal/lookup.ts';
import { openProvableLog } from '../../src/adapters/journal/proofs.ts';
import { journalLines, readRecords } from '../../src/adapters/journal/read.ts';
import { LogBytes, onDisk, segmentsIn } from '../../src/adapters/journal/segments.ts';
import { verifyJournal, type Verdict } from '../../src/adapters/journal/verify.ts';
import { readAnchor } from '../../src/adapters/journal/anchor.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { findLines, lastLineBefore } from '../../src/evidence/scan.ts';
import { anotherJournal, folder, keys, path } from './journal-folder.ts';
import { keyOf, openWriter, placeOf } from './segmented-journal.ts';

async function verify(where = folder): Promise<Verdict> {
  const anchor = await readAnchor(placeOf(where));
  const outside = { anchor, seal: (text: string) => keys.seal(text) };
  return verifyJournal({ folder: where, verifyHead: headReader(keys, 'box'), sha256, outside });
}

/** Writes so many records, by turns alone and at the same time. @returns how many there are in all */
async function written(many: number): Promise<number> {
  const journal = await openWriter(folder, keys);
  for (let i = 0; i < many; i += 10)
    await Promise.all(
      Array.from({ length: 10 }, (_, j) => journal.write('tick', { i: i + j, filler: 'x'.repeat(200) })),
    );
  await journal.close();
  return (await verify()).records;
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, at) => at + first);
const startOf = (text: string): number => Number(/^\{"n":(\d+),/.exec(text)?.[1]);
const numberOf = (text: string): number => (JSON.parse(text) as { n: number }).n;

async function numbersIn(from?: number): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { text, whole } of journalLines(path, undefined, from)) if (whole) numbers.push(numberOf(text));
  return numbers;
}

describe('readers', () => {
  test('all lines come once and in order, whatever reads them, also after a restart', async () => {
    await written(60);
    const records = await written(60);
    expect(segmentsIn(folder).length).toBeGreaterThan(5);
    const sizes = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
    const bytes = sizes.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(onDisk(path)).toEqual({ segments: segmentsIn(folder).length, bytes });
    expect(await verify()).toMatchObject({ ok: true, faults: [], head: 'matches', anchor: 'matches', unsigned: 0 });
    expect(await numbersIn()).toEqual(upTo(records));
    const seen: unknown[] = [];
    for await (const { n } of readRecords(folder)) seen.push(n);
    expect(seen).toEqual(upTo(records));
    const lines = findLines(path, { from: 0, to: Infinity }, ['"n":']);
    expect(lines.map(({ text }) => numberOf(text))).toEqual(upTo(records));
    for (const { at, text } of lines) {
      const n = numberOf(text);
      expect([n, await findRecord(path, n), await lineOf(path, n)]).toEqual([n, at, text]);
      expect(await bytesBefore(path, at + text.length + 1)).toBe(text);
    }
    const [first, ninth] = [lines[0]!, lines[8]!];
    expect(lastLineBefore(path, ninth.at, '"n":', (text) => numberOf(text) < 5)?.text).toBe(lines[3]!.text);
    expect(lastLineBefore(path, first.at + 1, 'nowhere', () => true)).toBeUndefined();
    expect(await findRecord(path, records + 1)).toBeUndefined();
    expect(await wholeEnd(path)).toBe(lines.at(-1)!.at + lines.at(-1)!.text.length + 1);
  });

  test('each record is proved, with the tiles and without them', async () => {
    const records = await written(60);
    const prove = async (): Promise<readonly string[]> => {
      const log = await openProvableLog(folder, keyOf(keys));
      const proofs: string[] = [];
      for (const n of upTo(records)) proofs.push(await log.inclusion(n));
      await log.close();
      return proofs;
    };
    const proofs = await prove();
    await rm(join(folder, 'tile'), { recursive: true });
    expect(await prove()).toEqual(proofs);
  });

  test('a reader that began before a rotation goes on in what it has opened', async () => {
    const journal = await openWriter(folder, keys);
    await journal.write('tick', {});
    using log = LogBytes.open(path);
    for (let i = 0; i < 30; i += 1) await journal.write('tick', { filler: 'x'.repeat(300) });
    await journal.close();
    expect(segmentsIn(folder).length).toBeGreaterThan(1);
    expect((await log.between(0, log.end)).toString().split('\n').slice(0, -1).map(numberOf)).toEqual([1, 2]);
  });

  test('while another process rotates, a reader never misses a line or sees one twice', async () => {
    await written(10);
    const program = join(import.meta.dirname, 'journal-rotator.ts');
    const node = join(import.meta.dirname, '../../node_modules/.bin/node');
    const child = spawn(node, [program, folder, 'much'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    while (child.exitCode === null) {
      using log = LogBytes.open(path);
      const numbers = (await log.between(0, log.end)).toString('latin1').split('\n').slice(0, -1).map(startOf);
      if (numbers.some((n, at) => n !== at + 1)) expect(numbers).toEqual(upTo(numbers.length));
    }
    expect(await ended).toEqual([0, null]);
    expect(segmentsIn(folder).length).toBeGreaterThan(50);
  });

  test('whoever follows gets each line once while files are rotated, and goes on from any place', async () => {
    const journal = await openWriter(folder, keys);
    const stop = new AbortController();
    const [numbers, places]: [number[], { n: number; hash: string; bytes: number }[]] = [[], []];
    await journal.write('tick', {});
    const following = (async () => {
      for await (const { lines, place } of followJournal(path, { sha256, until: stop.signal })) {
        numbers.push(...lines.map(numberOf));
        places.push(place);
        if (lines.some((line) => line.includes('"last"'))) stop.abort();
      }
    })();
    for (let i = 0; i < 80; i += 1) await journal.write('tick', { filler: 'x'.repeat(300) });
    await journal.write('tick', { say: 'last' });
    await following;
    await journal.close();
    expect(segmentsIn(folder).length).toBeGreaterThan(4);
    expect(numbers).toEqual(upTo(numbers.length));
    const all = await numbersIn();
    for (const from of places) {
      const more: number[] = [];
      for await (const { lines } of followJournal(path, { sha256, from })) more.push(...lines.map(numberOf));
      expect(more).toEqual(all.slice(from.n));
    }
  });
});

describe('kill -9', () => {
  async function killed(at: number): Promise<{ last: number; steps: number | undefined }> {
    const node = join(import.meta.dirname, '../../node_modules/.bin/node');
    const program = join(import.meta.dirname, 'journal-rotator.ts');
    const child = spawn(node, [program, folder, 'rotate', String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    let [last, steps]: [number, number | undefined] = [-1, undefined];
    for await (const line of createInterface(child.stdout))
      if (line.startsWith('steps ')) steps = Number(line.slice('steps '.length));
      else last = Number(line);
    await ended;
    return { last, steps };
  }

  test('at each step of a rotation loses no record and leaves none twice', async () => {
    let finished = false;
    for (let at = 1; !finished; at += 1) {
      await anotherJournal();
      const { last, steps } = await killed(at);
      finished = steps !== undefined;
      if (finished) expect(steps).toBeGreaterThan(5);
      const lines: string[] = [];
      for await (const { text } of journalLines(path)) lines.push(text);
      expect(lines.map(numberOf)).toEqual(upTo(lines.length));
      expect(lines.some((line) => line.includes(`"i":${last},`))).toBe(true);
      expect(await verify()).toMatchObject({ ok: true, faults: [] });
      const journal = await openWriter(folder, keys);
      expect(journal.changed).toBeUndefined();
      for (let i = 0; i < 20; i += 1) await journal.write('tick', { filler: 'x'.repeat(300) });
      await journal.close();
      expect((await numbersIn()).slice(0, lines.length)).toEqual(upTo(lines.length));
      expect(await verify()).toMatchObject({ ok: true, faults: [], head: 'matches' });
      expect(readdirSync(folder).filter((name) => name.endsWith('.next'))).toEqual([]);
    }
  });

  test('a rename that a crash of the host took back, with records in the new file, is done again', async () => {
    const journal = await openWriter(folder, keys);
    for (let i = 0; i < 20; i += 1) await journal.write('tick', { filler: 'x'.repeat(300) });
    await journal.close();
    const segment = join(folder, segmentsIn(folder).at(-1)!.name);
    await rename(path, `${path}.next`);
    execFileSync('ln', [segment, path]);
    const again = await openWriter(folder, keys);
    await again.close();
    expect(await verify()).toMatchObject({ ok: true, faults: [], head: 'matches' });
  });
});

test('where no new file can be made, the journal goes on in the one that it has, and rotates later', async () => {
  await mkdir(folder, { mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=40,mode=0700', 'tmpfs', folder]);
  try {
    const failures: unknown[] = [];
    const journal = await openWriter(folder, keys, Date.now, (error) => failures.push(error));
    await journal.write('tick', {});
    await journal.write('tick', {});
    let filler = 0;
    const fill = async (): Promise<void> =>
      writeFile(join(folder, `filler-${filler}`), '').then(() => void (filler += 1));
    const isFull = await (async () => {
      for (;;) await fill();
    })().catch((error: unknown) => (error as NodeJS.ErrnoException).code);
    expect(isFull).toBe('ENOSPC');
    // The checkpoint is replaced by a new file, so one must fit.
    filler -= 1;
    await rm(join(folder, `filler-${filler}`));
    for (let i = 0; i < 12; i += 1) await journal.write('tick', { filler: 'x'.repeat(300) }).catch(() => undefined);
    expect(failures.length + segmentsIn(folder).length).toBeGreaterThan(0);
    while (filler > 0) await rm(join(folder, `filler-${(filler -= 1)}`));
    for (let i = 0; i < 20; i += 1) await journal.write('tick', { filler: 'x'.repeat(300) });
    await journal.close();
    expect(segmentsIn(folder).length).toBeGreaterThan(0);
    expect(await numbersIn()).toEqual(upTo((await verify()).records));
    expect(await verify()).toMatchObject({ ok: true, faults: [], head: 'matches' });
  } finally {
    execFileSync('umount', [folder]);
  }
});

describe('what somebody changes is found', () => {
  const segmentAt = (at: number): string => join(folder, segmentsIn(folder).at(at)!.name);

  test.each([
    ['the first', 0, /^is the first one there: records 1 to \d+ are missing/],
    ['one in the middle', 2, /lines were cut/],
  ])('a segment that was removed: %s', async (_, at, problem) => {
    await written(80);
    await rm(segmentAt(at));
    const { ok, faults } = await verify();
    expect(ok).toBe(false);
    expect(faults[0]?.problem).toMatch(problem);
  });

  test('the newest segment: the keeper does not go on, either', async () => {
    await written(80);
    await rm(segmentAt(-1));
    expect(await verify()).toMatchObject({ ok: false });
    const journal = await openWriter(folder, keys);
    expect(journal.changed).toBeDefined();
    await journal.close();
  });

  test('all segments', async () => {
    await written(80);
    for (const { name } of segmentsIn(folder)) await rm(join(folder, name));
    expect(await verify()).toMatchObject({ ok: false });
  });

  test('two segments that were swapped', async () => {
    await written(80);
    const [one, other] = [segmentAt(1), segmentAt(2)];
    await rename(one, `${folder}-aside`);
    await rename(other, one);
    await rename(`${folder}-aside`, other);
    expect(await verify()).toMatchObject({ ok: false });
  });

  test('a line in a segment, which is named', async () => {
    await written(80);
    const text = await readFile(segmentAt(1), 'latin1');
    const n = numberOf(text.split('\n')[3]!);
    await writeFile(segmentAt(1), text.replace(new RegExp(`(\\{"n":${n},.*?)xxx`), '$1xyx'));
    const { ok, faults } = await verify();
    expect([ok, faults[0]]).toEqual([false, { line: n, problem: expect.stringContaining('edited') }]);
  });

  test('a file that others may read is not opened for writing', async () => {
    await written(20);
    await chmod(path, 0o644);
    await expect(openWriter(folder, keys)).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
    expect(existsSync(path)).toBe(true);
  });
});
