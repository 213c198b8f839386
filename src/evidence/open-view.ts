// Opens the journal for evidence: up to the newest checkpoint that a witness cosigned, if that covers what is asked for, else up to the newest.
//
// 1. The tree on disk must lead to the root that was signed; where it does not, it is hashed anew from the journal, in a folder that is thrown
//    away. Where that does not lead there either, there is no evidence. Attack: the journal was changed and proves something all the same.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashedAnew } from '../adapters/journal/anew.ts';
import {
  checkpointName,
  hashOf,
  noteChecks,
  openCheckpoint,
  printVerifierKey,
} from '../adapters/journal/checkpoints.ts';
import { findRecord } from '../adapters/journal/lookup.ts';
import { UnprovableError } from '../adapters/journal/proofs.ts';
import { wholeEnd } from '../adapters/journal/end.ts';
import { firstRecordIn, journalName } from '../adapters/journal/read.ts';
import { readTree, rootAt } from '../adapters/journal/tiles.ts';
import { cosignedName } from '../adapters/witness/cosigned.ts';
import { consistencyProof, inclusionProof, type Tree } from '../core/tlog/merkle.ts';
import { printNote, readNote, signersOf, type NoteKey } from '../core/tlog/note.ts';
import type { LogView } from './log-view.ts';

export interface ViewOptions {
  /** The journal's folder. */
  readonly folder: string;
  readonly host: string;
  readonly key: NoteKey;
  /** Keys that may have cosigned. */
  readonly witnesses: readonly NoteKey[];
}

/** A view that is to be closed. */
export interface OpenView extends LogView {
  close(): Promise<void>;
}

/**
 * The journal up to its newest checkpoint, or up to the newest cosigned one.
 * @throws UnprovableError where there is none of this key, or the journal is not what it says
 */
export async function openView(options: ViewOptions, which: 'newest' | 'cosigned'): Promise<OpenView> {
  const { folder, host, key } = options;
  const name = which === 'newest' ? checkpointName : cosignedName;
  const note = await readFile(join(folder, name), 'utf8').catch(() => '');
  const head = openCheckpoint(note, key);
  if (head === undefined) throw new UnprovableError(`${name} is not signed by ${key.name}`);
  const { checkpoint, signers } = ofKnownKeys(note, options);
  const { tree, close } = await treeOf(folder, head);
  const path = join(folder, journalName);
  return {
    ...{ path, host, checkpoint, size: head.size, root: head.root, first: firstRecordIn(folder), close },
    bytes: (await findRecord(path, head.size + 1)) ?? (await wholeEnd(path)),
    hostKey: printVerifierKey(key),
    witnessKeys: signers.filter(({ kind }) => kind === 'cosignature').map(printVerifierKey),
    prove: (index) => inclusionProof(tree, index),
    hash: tree.hash,
    extend: (size) => (size === head.size ? [] : consistencyProof(tree, size)),
  };
}

/** The note without the signatures of others, which nobody could check. */
function ofKnownKeys(note: string, { key, witnesses }: ViewOptions): { checkpoint: string; signers: NoteKey[] } {
  const read = readNote(note);
  if (read === undefined) throw new UnprovableError('the checkpoint cannot be read');
  const kept = [key, ...witnesses].flatMap((one) => {
    const lines = read.signatures.filter(({ name }) => name === one.name);
    const line = lines.find((it) => signersOf(noteChecks, { ...read, signatures: [it] }, [one]) !== undefined);
    return line === undefined ? [] : [{ line, key: one }];
  });
  const checkpoint = printNote({ text: read.text, signatures: kept.map(({ line }) => line) });
  return { checkpoint, signers: kept.map((one) => one.key) };
}

interface OpenTree {
  readonly tree: Tree;
  readonly close: () => Promise<void>;
}

/** Rule 1. */
async function treeOf(folder: string, head: { readonly size: number; readonly root: string }): Promise<OpenTree> {
  const tree = readTree(folder, hashOf, head.size);
  if (leadsTo(tree, head.root)) return { tree, close: () => Promise.resolve() };
  const anew = await hashedAnew(folder, head.size);
  const close = async (): Promise<void> => rm(anew, { recursive: true, force: true });
  const second = readTree(anew, hashOf, head.size);
  if (leadsTo(second, head.root)) return { tree: second, close };
  await close();
  throw new UnprovableError('the journal is not the one that its checkpoint was signed for');
}

function leadsTo(tree: Tree, root: string): boolean {
  try {
    return rootAt(tree) === root;
  } catch {
    return false; // a tile is missing, or too short
  }
}
