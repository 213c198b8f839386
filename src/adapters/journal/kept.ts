// Compares a journal with checkpoints that somebody else kept: on another host, with an auditor, in a mail.
//
// 1. The key of the host proves nothing against root of that host, who can sign another history. A checkpoint that left the host before
//    cannot be unsigned: the journal of today must still lead to its root. Attack: a record is rewritten, dropped or cut off, the folder
//    rolled back, or a second history begun, and everything signed anew.
// 2. A checkpoint that names this log and that its key did not sign is a fault: the key was replaced. One of another log says nothing, and
//    is reported as that. Attack: root begins a second history with a new key, and nothing that was kept counts any more.
import { readNote } from '../../core/tlog/note.ts';
import type { Hash } from '../../core/tlog/merkle.ts';
import type { Head, VerifyHead } from './heads.ts';

export interface Kept {
  /** Where it is from: a file, a peer. */
  readonly from: string;
  /** Whether it names this log. */
  readonly isOfLog: boolean;
  /** What it says; undefined when the key of this log did not sign it (rule 2). */
  readonly head: Head | undefined;
}

/** `ahead`: the journal has fewer records than were signed. `differs`: other records were signed. `foreign`, `other`: rule 2. */
export type KeptState = 'matches' | 'ahead' | 'differs' | 'foreign' | 'other';

/** A checkpoint that somebody kept. @param origin the name of the log that it is to be compared with */
export async function keptCheckpoint(
  from: string,
  note: string,
  origin: string,
  verifyHead: VerifyHead,
): Promise<Kept> {
  const isOfLog = readNote(note)?.text.startsWith(`${origin}\n`) === true;
  return { from, isOfLog, head: isOfLog ? await verifyHead(note) : undefined };
}

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
    .map((one) => ({ from: one.from, ...(one.head && { records: one.head.n }), state: stateOf(one, size, rootAt) }))
    .sort((a, b) => (a.records ?? 0) - (b.records ?? 0));
  const sizesIn = (state: KeptState): readonly number[] =>
    checkpoints.filter((one) => one.state === state).map(({ records = 0 }) => records);
  const differing = sizesIn('differs').at(0);
  const proved = sizesIn('matches').findLast((one) => one < (differing ?? Infinity)) ?? 0;
  const ok = checkpoints.every(({ state }) => state === 'matches' || state === 'other');
  return {
    ok,
    checkpoints,
    proved,
    ...(differing === undefined ? {} : { first: { from: proved + 1, to: differing } }),
  };
}

function stateOf({ isOfLog, head }: Kept, size: number, rootAt: (size: number) => Hash | undefined): KeptState {
  if (!isOfLog) return 'other';
  if (head === undefined || 'hash' in head) return 'foreign';
  if (head.n > size) return 'ahead';
  return rootAt(head.n) === head.root ? 'matches' : 'differs';
}
