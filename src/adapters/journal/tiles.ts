// The hashes of the journal's Merkle tree, in the files of C2SP tlog-tiles below the journal's folder.
//
// 1. The files are a cache of what the journal says. Nothing is believed because it stands in them: whoever uses a hash compares the root that
//    it leads to with a signed one. Attack: a hash is edited so that an edited record fits.
// 2. A hash is written after its line is on disk, and without waiting for the disk. What a crash took away, or left over, is hashed anew from
//    the journal when it is opened. So is all of it where a hash is missing, but for records whose lines were removed: their hashes stay.
// 3. Only a full tile has the name of the specification, since it never changes again; one that grows is called `.part`.
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  emptyFrontier,
  frontierFrom,
  hashBytes,
  leafHash,
  nodeHash,
  rootOf,
  withLeaf,
  type Frontier,
  type Hash,
  type Sha256,
  type Tree,
} from '../../core/tlog/merkle.ts';
import type { TreeHead } from '../../core/tlog/verify.ts';
import { placeOf, tileBytes, tileHeight, tilePath, tileWidth, type Tile } from '../../core/tlog/tiles.ts';
import { isMissing, unlessMissing } from '../missing.ts';

export interface TilesOptions {
  /** The journal's folder. */
  readonly folder: string;
  readonly sha256: Sha256;
  /** The lines of the journal from a record on, which counts from 0. */
  readonly lines: (from: number) => AsyncIterable<string>;
  /** How many records have no lines any more (trim.ts): of these there is nothing but their hashes here. */
  readonly trimmed?: number | undefined;
}

const batchOf = 4096;
/** A proof takes hashes from a few tiles, several from each. */
const keptTiles = 64;

/** A hash that the tree needs is not in its file. */
export class MissingHashes extends Error {
  override readonly name = 'MissingHashes';
}

/** The tree of a journal on disk, which grows with it. */
export class JournalTiles {
  readonly #options: TilesOptions;
  #frontier: Frontier = emptyFrontier;

  private constructor(options: TilesOptions) {
    this.#options = options;
  }

  /**
   * Opens the tree of the first `size` records; what is missing of it is hashed from the journal (rule 2).
   * @param signed what the tiles are compared with afterwards (`holds`): records after it are hashed from the journal
   * @throws Error of the system
   */
  static async open(options: TilesOptions, size: number, signed?: TreeHead): Promise<JournalTiles> {
    const tiles = new JournalTiles(options);
    const { trimmed = 0 } = options;
    const known = Math.min(size, signed?.size ?? size);
    try {
      tiles.#frontier = frontierOf(tiles.tree(Math.max(trimmed, known - (known % tileWidth))));
    } catch {
      await tiles.#startAnew(trimmed);
    }
    await tiles.#catchUp(size);
    return tiles;
  }

  /** The tree of all lines as they are, whatever the tiles say of them. @throws Error of the system */
  static async anew(options: TilesOptions, size: number): Promise<JournalTiles> {
    const tiles = new JournalTiles(options);
    await tiles.#startAnew(options.trimmed ?? 0);
    await tiles.#catchUp(size);
    return tiles;
  }

  /** Whether the tree is, or was, the one that was signed (rule 1). @param signed of a size that it has or had */
  holds({ size, root }: TreeHead): boolean {
    return root === (size === 0 ? rootOf(this.#options.sha256, emptyFrontier) : rootAt(this.tree(size)));
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Hash {
    return rootOf(this.#options.sha256, this.#frontier);
  }

  /** The tree as it was at a size, for proofs. Its hashes are read from disk, and an error of the system is thrown where they are not there. */
  tree(size: number): Tree {
    return readTree(this.#options.folder, this.#options.sha256, size);
  }

  /** Adds records, by the text of their lines. @throws Error of the system; the tree is then as long as before, and may be tried again */
  async append(lines: readonly string[]): Promise<void> {
    const written = new Map<string, { readonly tile: Tile; readonly at: number; hashes: string }>();
    let frontier = this.#frontier;
    const keep = (level: number, index: number, hash: Hash): void => {
      const place = placeOf(level, index);
      if (place === undefined) return;
      const name = tilePath(place.tile);
      const piece = written.get(name);
      if (piece === undefined) written.set(name, { ...place, hashes: hash });
      else piece.hashes += hash;
    };
    for (const line of lines)
      frontier = withLeaf(this.#options.sha256, frontier, leafHash(this.#options.sha256, line), keep);
    for (const { tile, at, hashes } of written.values()) await this.#write(tile, at, hashes);
    this.#frontier = frontier;
  }

  /** Rule 2. */
  async #startAnew(trimmed: number): Promise<void> {
    if (trimmed === 0) await rm(join(this.#options.folder, 'tile'), { recursive: true, force: true });
    else this.#frontier = frontierOf(this.tree(trimmed));
  }

  async #catchUp(size: number): Promise<void> {
    let batch: string[] = [];
    if (this.size === size) return;
    for await (const line of this.#options.lines(this.size)) {
      batch.push(line);
      if (batch.length < batchOf && this.size + batch.length < size) continue;
      await this.append(batch);
      batch = [];
      if (this.size === size) return;
    }
    throw new Error(`the journal has ${String(this.size + batch.length)} records of ${String(size)}`);
  }

  /** Rule 3. */
  async #write(tile: Tile, at: number, hashes: string): Promise<void> {
    const path = join(this.#options.folder, tilePath(tile));
    if (at === 0) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // One that was full is of a journal that was longer.
    await rename(path, `${path}.part`).catch(unlessMissing);
    const end = at * hashBytes + hashes.length;
    {
      await using file = await open(`${path}.part`, at === 0 ? 'w' : 'r+', 0o600);
      await file.write(Buffer.from(hashes, 'latin1'), 0, hashes.length, at * hashBytes);
      await file.truncate(end);
    }
    if (end === tileWidth * hashBytes) await rename(`${path}.part`, path);
  }
}

/** The tree of a size as the files of a folder have it (rule 1). A hash that is not there throws an error of the system when it is asked for. */
export function readTree(folder: string, sha256: Sha256, size: number): Tree {
  const kept = new Map<string, string>();
  const read = (tile: Tile, at: number, count: number): readonly Hash[] => {
    const path = join(folder, tilePath(tile));
    const end = (at + count) * hashBytes;
    let bytes = kept.get(path) ?? '';
    if (bytes.length < end) {
      bytes = readTile(path, end) ?? readTile(`${path}.part`, end) ?? '';
      if (bytes === '') throw new MissingHashes(`${path} does not have ${String(count)} hashes at ${String(at)}`);
      if (kept.size === keptTiles) kept.clear();
      kept.set(path, bytes);
    }
    return Array.from({ length: count }, (_, n) => bytes.slice((at + n) * hashBytes, (at + n + 1) * hashBytes));
  };
  // A subtree within a tile is hashed from the tile's hashes.
  const hash = (level: number, index: number): Hash => {
    const height = level % tileHeight;
    const place = placeOf(level - height, index * 2 ** height);
    if (place === undefined) throw new Error('no such level');
    return fold(sha256, read(place.tile, place.at, 2 ** height));
  };
  return { sha256, size, hash };
}

/** The root of a tree that is not empty. */
export const rootAt = (tree: Tree): Hash => rootOf(tree.sha256, frontierOf(tree));

function fold(sha256: Sha256, hashes: readonly Hash[]): Hash {
  if (hashes.length === 1) return hashes[0] as Hash;
  const above = Array.from({ length: hashes.length / 2 }, (_, n) =>
    nodeHash(sha256, hashes[2 * n] as Hash, hashes[2 * n + 1] as Hash),
  );
  return fold(sha256, above);
}

/** The tree as it grew to its size. A size in binary: each one is a complete subtree, the largest on the left. */
export function frontierOf(tree: Tree): Frontier {
  const hashes: Hash[] = [];
  for (let level = Math.ceil(Math.log2(tree.size + 1)); level >= 0; level -= 1) {
    const count = Math.floor(tree.size / 2 ** level);
    if (count % 2 === 1) hashes.push(tree.hash(level, count - 1));
  }
  return frontierFrom(tree.size, hashes);
}

/** @returns undefined where the file is not there, or shorter than `end` bytes */
function readTile(path: string, end: number): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.allocUnsafe(tileBytes);
      const read = readSync(file, bytes, 0, tileBytes, 0);
      return read < end ? undefined : bytes.toString('latin1', 0, read);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
