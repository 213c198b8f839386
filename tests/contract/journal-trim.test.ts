// Records that the policy removes: what stays proves them, whatever moment a kill falls on, and nothing else can be removed that way.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { readAnchor } from '../../src/adapters/journal/anchor.ts';
import { hashOf, openCheckpoint } from '../../src/adapters/journal/checkpoints.ts';
import { followJournal, OtherJournal, RecordsRemoved } from '../../src/adapters/journal/follow.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import type { UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { keptCheckpoint } from '../../src/adapters/journal/kept.ts';
import { openProvableLog, UnprovableError } from '../../src/adapters/journal/proofs.ts';
import { firstRecordIn, journalLines } from '../../src/adapters/journal/read.ts';
import { segmentsIn } from '../../src/adapters/journal/segments.ts';
import { verifyJournal, type Verdict } from '../../src/adapters/journal/verify.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { leafHash } from '../../src/core/tlog/merkle.ts';
import { readProof } from '../../src/core/tlog/proof.ts';
import { isConsistent, isIncluded } from '../../src/core/tlog/verify.ts';
import { anotherJournal, folder, keys, path } from './journal-folder.ts';
import { fill, keyOf, openWriter, placeOf, trimNow, writingTo } from './segmented-journal.ts';

interface Kept {
  readonly from: string;
  readonly note: string;
}

async function verify(where = folder, kept: readonly Kept[] = []): Promise<Verdict> {
  const verifyHead = headReader(keys, 'box');
  const anchor = await readAnchor(placeOf(folder));
  const outside = where === folder ? { anchor, seal: (text: string) => keys.seal(text) } : undefined;
  const all = await Promise.all(
    kept.map(async ({ from, note }) => keptCheckpoint(from, note, 'tmux-gate/box', verifyHead)),
  );
  return verifyJournal({ folder: where, verifyHead, sha256, outside, kept: all });
}

const checkpoint = async (): Promise<string> => readFile(join(folder, 'checkpoint'), 'utf8');
const numberOf = (text: string): number => (JSON.parse(text) as { n: number }).n;

async function linesOf(where = folder): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text } of journalLines(join(where, 'journal.jsonl'))) lines.push(text);
  return lines;
}

const writing = async <T>(task: (journal: UncheckedJournal) => Promise<T>, now?: () => number): Promise<T> =>
  writingTo(folder, keys, task, now);

/** A journal of some segments, whose oldest are removed but for those from the middle on. @returns the last record that went */
async function trimmed(): Promise<number> {
  let clock = 1000;
  const task = async (journal: UncheckedJournal): Promise<number> => {
    await fill(journal, 30);
    clock = 2000;
    await fill(journal, 30);
    return (await trimNow(journal, folder, keys, clock))!.last;
  };
  return writing(task, () => clock);
}

describe('after a removal', () => {
  test('the journal verifies, here and as a copy, with checkpoints and proofs of before', async () => {
    const notes: string[] = [];
    const before = await writing(async (journal) => {
      for (let i = 0; i < 6; i += 1) {
        await fill(journal, 10);
        notes.push(await checkpoint());
      }
      const log = await openProvableLog(folder, keyOf(keys));
      const all = await linesOf();
      const proofs = [await log.inclusion(1), await log.inclusion(5), await log.inclusion(40)];
      await log.close();
      return { all, proofs, head: log.head };
    });
    const went = await writing(async (journal) => {
      const found = (await trimNow(journal, folder, keys))!;
      await fill(journal, 5);
      return found;
    });
    expect(went.first).toBe(1);
    const lines = await linesOf();
    expect(numberOf(lines[0]!)).toBe(went.last + 1);
    const kept = notes.map((note, at) => ({ from: String(at), note }));
    const verdict = await verify(folder, kept);
    expect(verdict).toMatchObject({ ok: true, faults: [], head: 'matches', anchor: 'matches' });
    expect(verdict.trimmed).toMatchObject({ records: went.last });
    expect(verdict.kept?.checkpoints.map(({ state }) => state)).toEqual(notes.map(() => 'matches'));
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    expect(await verify(copy, kept)).toMatchObject({ ok: true, trimmed: { records: went.last } });

    const log = await openProvableLog(folder, keyOf(keys));
    const { earlier, later, proof } = await log.consistency(before.head.size);
    expect(isConsistent(hashOf, earlier, later, proof)).toBe(true);
    for (const text of before.proofs) {
      const { index, hashes, checkpoint: note } = readProof(text)!;
      const leaf = leafHash(hashOf, before.all[index]!);
      expect(isIncluded(hashOf, openCheckpoint(note, keyOf(keys))!, { index, leaf, proof: hashes })).toBe(true);
      // A record that went is proved anew by its hash.
      const anew = readProof(await log.inclusion(index + 1))!;
      expect(isIncluded(hashOf, log.head, { index, leaf, proof: anew.hashes })).toBe(true);
    }
    await expect(log.line(1)).rejects.toThrow(UnprovableError);
    await log.close();
  });

  test('the next removal goes on from there, and a keeper opens what is left', async () => {
    const first = await trimmed();
    const second = await writing(async (journal) => {
      await fill(journal, 30);
      return (await trimNow(journal, folder, keys))!;
    });
    expect(second.first).toBe(first + 1);
    expect(await verify()).toMatchObject({ ok: true, trimmed: { records: second.last } });
    await writing(async (journal) => {
      expect(journal.changed).toBeUndefined();
      expect(await trimNow(journal, folder, keys)).toBeUndefined();
    });
    expect(segmentsIn(folder)).toHaveLength(1);
  });

  test('hashes of what is left are made anew; without those of what went, the keeper does not go on', async () => {
    const last = await trimmed();
    const tile = join(folder, 'tile/0/000.part');
    const hashes = await readFile(tile);
    await writeFile(tile, hashes.subarray(0, 32 * (last + 3)));
    await writing((journal) => Promise.resolve(expect(journal.changed).toBeUndefined()));
    expect(await verify()).toMatchObject({ ok: true, faults: [] });
    await writeFile(tile, hashes.subarray(0, 32 * (last - 1)));
    const journal = await openWriter(folder, keys);
    expect(journal.changed).toMatch(/the hashes of its first \d+ records, which were removed, are not there/);
    await journal.close();
    expect(await verify()).toMatchObject({ ok: false });
  });

  test('whoever follows from a place that is gone is told, from the first line that is there it goes on', async () => {
    const places = await writing(async (journal) => {
      await fill(journal);
      const found: { n: number; hash: string; bytes: number }[] = [];
      let bytes = 0;
      for await (const { text } of journalLines(path))
        found.push({ n: numberOf(text), hash: sha256(text), bytes: (bytes += text.length + 1) });
      return found;
    });
    const { last } = (await writing(async (journal) => trimNow(journal, folder, keys)))!;
    const numbersFrom = async (from?: (typeof places)[number]): Promise<number[]> => {
      const numbers: number[] = [];
      for await (const { lines } of followJournal(path, { sha256, from })) numbers.push(...lines.map(numberOf));
      return numbers;
    };
    const all = (await linesOf()).map(numberOf);
    expect(await numbersFrom()).toEqual(all);
    expect(await numbersFrom(places[last - 1])).toEqual(all);
    expect(await numbersFrom(places[last])).toEqual(all.slice(1));
    await expect(numbersFrom(places[last - 2])).rejects.toThrow(RecordsRemoved);
    await expect(numbersFrom({ ...places[last - 1]!, hash: 'f'.repeat(64) })).rejects.toThrow(OtherJournal);
  });
});

describe('what somebody changes is found', () => {
  test('one more segment that is removed', async () => {
    const last = await trimmed();
    await rm(join(folder, segmentsIn(folder)[0]!.name));
    const { ok, faults } = await verify();
    expect([ok, faults[0]?.problem]).toEqual([false, expect.stringContaining(`records ${last + 1} to `)]);
  });

  test('a record that is made to say more', async () => {
    const last = await trimmed();
    await rm(join(folder, segmentsIn(folder)[0]!.name));
    const to = segmentsIn(folder)[0]!.first - 1;
    for (const file of [path, ...segmentsIn(folder).map(({ name }) => join(folder, name))])
      await writeFile(file, (await readFile(file, 'latin1')).replace(`"last":${last},`, `"last":${to},`));
    const { ok, faults } = await verify();
    expect([ok, faults.map(({ problem }) => problem)]).toEqual([
      false,
      expect.arrayContaining([
        expect.stringContaining('edited'),
        expect.stringContaining('are not those whose removal'),
      ]),
    ]);
  });

  test('a hash of a record that went', async () => {
    await trimmed();
    const tile = join(folder, 'tile/0/000.part');
    const hashes = await readFile(tile);
    hashes[5]! ^= 1;
    await writeFile(tile, hashes);
    expect(await verify()).toMatchObject({ ok: false });
  });

  test('a line whose hash in the tiles was edited stays, as it would be the only proof', async () => {
    await writing(async (journal) => {
      await fill(journal);
      const tile = join(folder, 'tile/0/000.part');
      const hashes = await readFile(tile);
      await writeFile(tile, hashes.with(5, hashes[5]! ^ 1));
      await expect(trimNow(journal, folder, keys)).rejects.toThrow(UnprovableError);
    });
    expect(firstRecordIn(folder)).toBe(1);
  });

  test('a line that was edited does not go with its segment', async () => {
    await writing(async (journal) => {
      await fill(journal);
      const segment = join(folder, segmentsIn(folder)[0]!.name);
      await writeFile(segment, (await readFile(segment, 'latin1')).replace('xxx', 'xyx'));
      await expect(trimNow(journal, folder, keys)).rejects.toThrow(UnprovableError);
    });
    expect(firstRecordIn(folder)).toBe(1);
  });
});

test('kill -9 at each step of a removal: what is missing is what the journal says', async () => {
  let finished = false;
  for (let at = 1; !finished; at += 1) {
    await anotherJournal();
    await writing(async (journal) => fill(journal, 40));
    const segments = segmentsIn(folder).length;
    const node = join(import.meta.dirname, '../../node_modules/.bin/node');
    const program = join(import.meta.dirname, 'journal-rotator.ts');
    const child = spawn(node, [program, folder, 'trim', String(at)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    for await (const line of createInterface(child.stdout)) if (line.startsWith('steps')) finished = true;
    await ended;
    const { ok, faults, trimmed: gone } = await verify();
    expect({ ok, faults }).toEqual({ ok: true, faults: [] });
    expect(gone?.records ?? 0).toBe(firstRecordIn(folder) - 1);
    const { last } = (await writing(async (journal) => {
      expect(journal.changed).toBeUndefined();
      await fill(journal, 20);
      return trimNow(journal, folder, keys);
    }))!;
    expect(segments).toBeGreaterThan(3);
    expect(await verify()).toMatchObject({ ok: true, trimmed: { records: last } });
  }
});
