// The hashes of the journal's lines as its tiles have them, where they lead to the signed root.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyFrontier, hashBytes, rootOf, withLeaf, type Hash } from '../../core/tlog/merkle.ts';
import { tileBytes, tilePath, tileWidth } from '../../core/tlog/tiles.ts';
import { hashOf } from './checkpoints.ts';
import type { Head } from './heads.ts';
import type { Leaves } from './walk.ts';

/** @returns undefined where the tiles are missing or do not lead to the root of that head, so that nothing can be said with them */
export async function vouchedLeaves(folder: string, head: Head | undefined): Promise<Leaves | undefined> {
  if (head === undefined || 'hash' in head) return undefined;
  const tiles: string[] = [];
  let tree = emptyFrontier;
  for (let index = 0; tree.size < head.n; index += 1) {
    const tile = await tileOf(folder, index, Math.min(tileWidth, head.n - tree.size) * hashBytes);
    if (tile === undefined) return undefined;
    tiles.push(tile);
    for (let at = 0; at < tile.length; at += hashBytes) tree = withLeaf(hashOf, tree, tile.slice(at, at + hashBytes));
  }
  return rootOf(hashOf, tree) === head.root ? (index) => hashAt(tiles, index) : undefined;
}

/** The hashes of lines, unchecked; fewer where the tiles have fewer. @param from the first, from 0 @param to the one behind the last */
export async function* leavesFrom(folder: string, from: number, to: number): AsyncGenerator<Hash> {
  for (let at = from; at < to;) {
    const index = Math.floor(at / tileWidth);
    const end = Math.min(to, (index + 1) * tileWidth);
    const tile = await tileOf(folder, index, (end - index * tileWidth) * hashBytes);
    if (tile === undefined) return;
    for (; at < end; at += 1) yield tile.slice((at % tileWidth) * hashBytes, ((at % tileWidth) + 1) * hashBytes);
  }
}

async function tileOf(folder: string, index: number, bytes: number): Promise<string | undefined> {
  const path = join(folder, tilePath({ level: 0, index }));
  for (const name of [path, `${path}.part`]) {
    const found = await readFile(name, 'latin1').catch(() => '');
    if (found.length >= bytes && found.length <= tileBytes) return found.slice(0, bytes);
  }
  return undefined;
}

function hashAt(tiles: readonly string[], index: number): Hash | undefined {
  const at = (index % tileWidth) * hashBytes;
  const hash = tiles[Math.floor(index / tileWidth)]?.slice(at, at + hashBytes);
  return hash === '' ? undefined : hash;
}
