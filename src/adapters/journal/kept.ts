// Compares a journal with checkpoints that somebody else kept: on another host, with an auditor, in a mail.
//
// 1. The key of the host proves nothing against root of that host, who can sign another history. A checkpoint that left the host before
//    cannot be unsigned: the journal of today must still lead to its root. Attack: a record is rewritten, dropped or cut off, the folder
//    rolled back, or a second history begun, and everything signed anew.
// 2. A checkpoint that the key of this log did not sign says nothing, and is reported as that: neither a fault nor a proof.
import type { Hash } from '../../core/tlog/merkle.ts';
import type { Head } from './heads.ts';

export interface Kept {
  /** Where it is from: a file, a peer. */
  readonly from: string;
  /** What it says; undefined when the key of this log did not sign it (rule 2). */
  readonly head: Head | undefined;
}

/** `ahead`: the journal has fewer records than were signed. `differs`: other records were signed. `foreign`: rule 2. */
export type KeptState = 'matches' | 'ahead' | 'differs' | 'foreign';

export interface KeptVerdict {
  readonly ok: boolean;
  readonly checkpoints: readonly { readonly from: string; readonly records?: number; readonly state: KeptState }[];
  /** Up to which record the journal is the one that was signed, by the newest checkpoint that matches. */
  readonly proved: number;
  /** Among which records the first is that is not what was signed. */
  readonly first?: { readonly from: number; readonly to: number };
}

/** @param size how many records the journal has @param rootAt the root of its first records */
export function compareKept(
  kept: readonly Kept[],
  size: number,
  rootAt: (size: number) => Hash | undefined,
): KeptVerdict {
  const checkpoints = kept
    .map(({ from, head }) => ({ from, ...(head && { records: head.n }), state: stateOf(head, size, rootAt) }))
    .sort((a, b) => (a.records ?? 0) - (b.records ?? 0));
  const sizesIn = (state: KeptState): readonly number[] =>
    checkpoints.filter((one) => one.state === state).map(({ records = 0 }) => records);
  const differing = sizesIn('differs').at(0);
  const proved = sizesIn('matches').findLast((one) => one < (differing ?? Infinity)) ?? 0;
  const ok = differing === undefined && sizesIn('ahead').length === 0;
  return {
    ok,
    checkpoints,
    proved,
    ...(differing === undefined ? {} : { first: { from: proved + 1, to: differing } }),
  };
}

function stateOf(head: Head | undefined, size: number, rootAt: (size: number) => Hash | undefined): KeptState {
  if (head === undefined || 'hash' in head) return 'foreign';
  if (head.n > size) return 'ahead';
  return rootAt(head.n) === head.root ? 'matches' : 'differs';
}
