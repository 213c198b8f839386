// What the journal says of records whose lines were removed from it (trim.ts).
//
// 1. Lines are missing at the beginning only where a record of the journal says so, and no more than it says. Attack: the oldest segments
//    are removed by hand, which looks as if the policy had done it.
// 2. The record says which root the tree had up to there; the hashes of the removed records must lead to it.
import { chainFaults } from '../../core/messages/audit.ts';
import { encodeBase64 } from '../../core/tlog/base64.ts';
import type { ChainFault } from '../../core/chain.ts';
import { hashOf } from './checkpoints.ts';
import type { JournalRecord } from './read.ts';
import { readTree, rootAt } from './tiles.ts';

/** Says that the lines up to a record were removed. */
export interface Removal {
  /** The number of the last record that was removed. */
  readonly last: number;
  /** The root of the tree up to there, base64. */
  readonly root: string;
  /** When, as the journal writes it. */
  readonly at: string;
}

/** @returns undefined where the record tells of no removal */
export function removalIn(record: JournalRecord | undefined): Removal | undefined {
  if (record?.['event'] !== 'journal-trimmed') return undefined;
  const { last, root, at } = record;
  return { last: Number(last), root: String(root), at: String(at) };
}

/** What is wrong with what is missing (rules 1 and 2). @param first the number of the first record whose line is there */
export function removalFault(folder: string, first: number, said: Removal | undefined): ChainFault | undefined {
  if (first === 1) return undefined;
  if (said === undefined || !(said.last >= first - 1))
    return { line: first, problem: chainFaults.unsaidRemoval((said?.last ?? 0) + 1, first - 1) };
  return said.root === rootUpTo(folder, said.last) ? undefined : { line: first, problem: chainFaults.otherRemoval };
}

/** The root of the tree of the first records, base64, as the tiles have it; empty where they do not. */
export function rootUpTo(folder: string, size: number): string {
  try {
    return encodeBase64(rootAt(readTree(folder, hashOf, size)));
  } catch {
    return ''; // a tile is missing, or too short
  }
}
