// Where the hashes of the tree lie (C2SP tlog-tiles): files of up to 256 hashes, eight levels of the tree apart.
import { hashBytes } from './merkle.ts';

export const tileHeight = 8;
export const tileWidth = 2 ** tileHeight;
export const tileBytes = tileWidth * hashBytes;

export interface Tile {
  /** Counts from 0: the tile's hashes are of subtrees of `256 ** level` leaves. */
  readonly level: number;
  /** Counts from 0, from left to right. */
  readonly index: number;
}

/** Where a hash lies: its tile, and which of the tile's hashes it is, from 0. */
export interface Place {
  readonly tile: Tile;
  readonly at: number;
}

/** The path of a tile below the log's folder. @param width how many hashes it has; 256 when it is full */
export function tilePath({ level, index }: Tile, width: number = tileWidth): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const parts = digits.match(/\d{3}/g) as readonly string[];
  const name = parts.map((part, at) => (at === parts.length - 1 ? part : `x${part}`)).join('/');
  return `tile/${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Where the hash of a complete subtree lies; undefined for one that is hashed anew from the tile below it. */
export function placeOf(level: number, index: number): Place | undefined {
  if (level % tileHeight !== 0) return undefined;
  return { tile: { level: level / tileHeight, index: Math.floor(index / tileWidth) }, at: index % tileWidth };
}

/** How many hashes a level has, of a tree of this size. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}
