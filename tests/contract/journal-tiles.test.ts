// The tree's hashes on disk (src/adapters/journal/tiles): they grow with the journal, and come back after a crash.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalTiles } from '../../src/adapters/journal/tiles.ts';
import {
  consistencyProof,
  emptyFrontier,
  inclusionProof,
  leafHash,
  rootOf,
  withLeaf,
} from '../../src/core/tlog/merkle.ts';
import { isConsistent, isIncluded } from '../../src/core/tlog/verify.ts';

const sha256 = (bytes: string): string => createHash('sha256').update(bytes, 'latin1').digest('latin1');
const lines = Array.from({ length: 70_000 }, (_, n) => `{"n":${n + 1}}`);
const rootAt = (size: number): string =>
  rootOf(
    sha256,
    lines.slice(0, size).reduce((frontier, line) => withLeaf(sha256, frontier, leafHash(sha256, line)), emptyFrontier),
  );

let folder: string;
let asked: number[];

const opened = (size: number): Promise<JournalTiles> =>
  JournalTiles.open(
    {
      ...{ folder, sha256 },
      lines: async function* from(start) {
        asked.push(start);
        await Promise.resolve();
        yield* lines.slice(start);
      },
    },
    size,
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiles-'));
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the tree of the journal is the same, whether it grew or was hashed at once', async () => {
  const tiles = await opened(0);
  for (const [from, to] of [
    [0, 1],
    [1, 255],
    [255, 256],
    [256, 700],
    [700, 66_000],
  ] as const) {
    await tiles.append(lines.slice(from, to));
    expect([tiles.size, tiles.root()]).toEqual([to, rootAt(to)]);
  }
  const again = await opened(66_000);
  expect(again.root()).toBe(tiles.root());
});

test('the files are those of C2SP: full tiles by their names, 32 bytes a hash', async () => {
  await opened(70_000);
  const size = (name: string): number => readFileSync(join(folder, 'tile', name)).length;
  expect([
    size('0/000'),
    size('0/272'),
    size('0/273.part'),
    size('1/000'),
    size('1/001.part'),
    size('2/000.part'),
  ]).toEqual([...[8192, 8192, 112 * 32, 8192, 17 * 32, 32]]);
  expect(existsSync(join(folder, 'tile/0/000.part'))).toBe(false);
  expect(readFileSync(join(folder, 'tile/0/000')).subarray(32, 64)).toEqual(
    Buffer.from(leafHash(sha256, lines[1] as string), 'latin1'),
  );
});

test('proofs for every size come from the files', async () => {
  const tiles = await opened(1_000);
  for (const [size, index] of [
    [1, 0],
    [256, 255],
    [257, 256],
    [999, 3],
    [1_000, 511],
  ] as const) {
    const proof = inclusionProof(tiles.tree(size), index);
    const leaf = leafHash(sha256, lines[index] as string);
    expect(isIncluded(sha256, { size, root: rootAt(size) }, { index, leaf, proof })).toBe(true);
  }
  const [earlier, later] = [
    { size: 300, root: rootAt(300) },
    { size: 1_000, root: rootAt(1_000) },
  ];
  expect(isConsistent(sha256, earlier, later, consistencyProof(tiles.tree(1_000), 300))).toBe(true);
});

test('after a crash what is missing, or is left over, is hashed anew from the journal, and no more of it', async () => {
  await opened(1_000);
  truncateSync(join(folder, 'tile/0/003.part'), 40);
  expect((await opened(1_000)).root()).toBe(rootAt(1_000));
  expect(asked).toEqual([0, 768]);
  const shorter = await opened(900); // the journal lost records that the tree had
  await shorter.append(['another']);
  expect(readFileSync(join(folder, 'tile/0/003.part'))).toHaveLength((900 - 768 + 1) * 32);
});

test('a journal that became shorter and grows differently has the hashes of what it holds', async () => {
  await opened(66_000);
  const tiles = await opened(65_000);
  const others = Array.from({ length: 1_000 }, (_, n) => `other ${n}`);
  await tiles.append(others);
  const frontier = [...lines.slice(0, 65_000), ...others].reduce(
    (grown, line) => withLeaf(sha256, grown, leafHash(sha256, line)),
    emptyFrontier,
  );
  expect(tiles.root()).toBe(rootOf(sha256, frontier));
  const proof = inclusionProof(tiles.tree(66_000), 65_500);
  const leaf = leafHash(sha256, others[500] as string);
  expect(isIncluded(sha256, { size: 66_000, root: tiles.root() }, { index: 65_500, leaf, proof })).toBe(true);
});

test('files that are gone or too short are made anew; a journal that is too short is an error', async () => {
  await opened(66_000);
  writeFileSync(join(folder, 'tile/1/000'), 'short');
  expect((await opened(66_000)).root()).toBe(rootAt(66_000));
  rmSync(join(folder, 'tile'), { recursive: true });
  expect((await opened(500)).root()).toBe(rootAt(500));
  await expect(opened(70_001)).rejects.toThrow('the journal has');
});
