// Opens the Merkle tree of a journal that will be written, and says where it is not the tree that was signed last.
//
// 1. What is older than the last checkpoint must lead to its root. Tiles that do not are hashed anew from the lines, and if these do not
//    either, nothing is signed. Attack: a record in the middle is edited, the tiles are removed, and the next checkpoint covers the edit.
// 2. What is newer than the last checkpoint is hashed from the lines, never taken from the tiles. Accident: tiles were written for records
//    that a power cut took away.
// 3. A journal of an earlier version becomes a tree once: its chain is followed line by line, and must hold the record that its last head
//    was signed for. Attack: an edit before the upgrade.
// 4. The n-th line is record n. Attack: a proof for one record is taken for that of another.
// 5. Of records whose lines were removed (trim.ts) the hashes are all that there is: they are never removed or hashed anew, and must lead
//    to what was signed like the others.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyChain, follow, type ChainState, type Digest } from '../../core/chain.ts';
import { journalProblems } from '../../core/messages/audit.ts';
import { acceptedFor, type AnchorPlace, type Look } from './anchor.ts';
import { checkpointName, hashOf } from './checkpoints.ts';
import type { Head, VerifyHead } from './heads.ts';
import { findRecord } from './lookup.ts';
import { firstRecordIn, headName, journalLines, journalName } from './read.ts';
import { isRecordOf, type Seal } from './record.ts';
import { JournalTiles, MissingHashes } from './tiles.ts';
import { isMissing } from '../missing.ts';

/** The signed head that was found when the journal was opened; undefined where there was none. */
export interface Found {
  readonly text: string;
  /** Undefined when this host did not sign it. */
  readonly head: Head | undefined;
  /** Whether it is of an earlier version (rule 3). */
  readonly isOld: boolean;
}

const headLimit = 4096;

/** Reads the newest signed head of a folder. */
export async function findHead(folder: string, readHead: VerifyHead): Promise<Found | undefined> {
  for (const name of [checkpointName, headName]) {
    const text = await textOf(join(folder, name));
    if (text !== undefined) return { text, head: await readHead(text), isOld: name === headName };
  }
  return undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).slice(0, headLimit);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A journal of which a tree is opened. */
interface Grown {
  readonly folder: string;
  /** The number of its last record, and how many bytes it has. */
  readonly n: number;
  readonly bytes: number;
  readonly found: Found | undefined;
  readonly sha256: Digest;
}

interface Accepting {
  readonly anchor: AnchorPlace | undefined;
  readonly seal: Seal;
  /** How the journal compares with its anchor. */
  readonly look: Look;
}

/**
 * Opens the tree to go on with.
 * @returns it, with what was wrong and what root accepted of that; or why nobody may go on, as text for people
 * @throws Error of the system
 */
export async function openTree(
  journal: Grown & Accepting,
): Promise<{ readonly tiles: JournalTiles; readonly look: Look } | { readonly problem: string }> {
  const { look, folder, anchor, seal, sha256 } = journal;
  const tree = look.accepted === undefined ? await signedTree(journal) : await treeAnew(journal);
  if (typeof tree !== 'string') return { tiles: tree, look };
  const path = join(folder, journalName);
  const accepted = look.accepted ?? (anchor && (await acceptedFor(path, anchor, seal, sha256)));
  const anew = accepted === undefined ? tree : await treeAnew(journal);
  return typeof anew === 'string' ? { problem: anew } : { tiles: anew, look: { problem: tree, ...look, accepted } };
}

/** @returns the tree, or what is wrong with the journal (rules 1, 3 and 4) */
async function signedTree(journal: Grown): Promise<JournalTiles | string> {
  const { found, n } = journal;
  const head = found?.head;
  if (found?.isOld === true && n > 0) return migrated(journal);
  if (head === undefined || 'hash' in head || head.n > n) return treeAnew(journal);
  const signed = { size: head.n, root: head.root };
  const tiles = await JournalTiles.open(optionsFor(journal), n, signed).catch(() => undefined);
  if (tiles?.holds(signed) === true) return tiles;
  const anew = await treeAnew(journal);
  return typeof anew === 'string' || anew.holds(signed) ? anew : journalProblems.otherRoot(head.n);
}

/** The tree of the lines as they are, whatever was signed: for a first start, and for what root accepted. Rule 4 holds all the same. */
async function treeAnew(journal: Grown, lines = linesOf(journal)): Promise<JournalTiles | string> {
  const options = { ...optionsFor(journal), lines };
  try {
    return await JournalTiles.anew(options, journal.n);
  } catch (error) {
    if (error instanceof WrongLine) return error.message;
    if (options.trimmed > 0 && error instanceof MissingHashes) return journalProblems.noHashes(options.trimmed);
    throw error;
  }
}

/** Rule 3. */
async function migrated(journal: Grown): Promise<JournalTiles | string> {
  const head = journal.found?.head;
  if (head === undefined || !('hash' in head)) return journalProblems.otherHead;
  if (head.n > journal.n) return journalProblems.cut(head.n);
  let isTheirs = head.n === 0;
  const tiles = await treeAnew(journal, async function* chained(from) {
    let chain: ChainState = emptyChain;
    for await (const line of linesOf(journal)(from)) {
      const next = follow(chain, line, journal.sha256);
      if ('problem' in next) throw new WrongLine(journalProblems.atRecord(next.line, next.problem));
      if (next.n === head.n) isTheirs = next.hash === head.hash;
      chain = next;
      yield line;
    }
  });
  return typeof tiles === 'string' || isTheirs ? tiles : journalProblems.otherHead;
}

class WrongLine extends Error {}

const optionsFor = (journal: Grown) => ({
  ...{ folder: journal.folder, sha256: hashOf, lines: linesOf(journal) },
  trimmed: firstRecordIn(journal.folder) - 1,
});

/** The lines of a journal from a record on; each says its own number (rule 4). */
function linesOf({ folder, bytes, n }: Grown): (from: number) => AsyncGenerator<string> {
  const path = join(folder, journalName);
  return async function* lines(from) {
    const start = from === 0 ? 0 : await findRecord(path, from + 1);
    if (start === undefined) throw new WrongLine(journalProblems.notThere(from + 1));
    let at = from;
    for await (const { text } of journalLines(path, bytes, start)) {
      at += 1;
      if (!isRecordOf(at, text)) throw new WrongLine(journalProblems.notAtItsPlace(at));
      yield text;
    }
    if (at !== n) throw new WrongLine(journalProblems.notThere(at + 1));
  };
}
