// Keeps the anchor: how long the journal was, and its last digest, when this host last wrote to it. It is outside the journal's folder.
//
// 1. The keeper checks the journal against the anchor before it signs or adds anything. Attacks that the journal alone cannot show: it is
//    cut to a head that it holds itself; its whole folder is rolled back or emptied; a record is added and the next keeper signs it.
// 2. The anchor is written after the records are on disk, so a crash leaves it behind the journal and never ahead. Records after it are
//    ours only if they chain to it and bear the seal of this host (record.ts).
// 3. A record never waits for the anchor: one write runs at a time, and the newest anchor wins. A failed write is repeated before the
//    next record.
// 4. Root may accept a loss, with a reason, for exactly the journal that was found (`audit accept`). This replaces the anchor, and the
//    next record says so.
import { dirname } from 'node:path';
import { type ChainState, type Digest, chainStart, follow } from '../../core/chain.ts';
import { digestShape } from '../../core/request.ts';
import { integer, object, text } from '../../core/shape.ts';
import { bytesBefore, wholeEnd } from './end.ts';
import { firstRecordIn, journalLines, parsed } from './read.ts';
import { isRecordOf, isSealed, type Seal } from './record.ts';
import type * as StateFiles from '../state-file.ts';

/** The number and the digest of the last record, and the length of the file up to its end, in bytes. */
export interface Anchor extends ChainState {
  readonly bytes: number;
}

const anchorShape = object({ n: integer(0), hash: digestShape, bytes: integer(0) });
/** What root accepted: the journal as it was found, by whom, why, and when (milliseconds since the epoch). */
const acceptedShape = object({ found: anchorShape, by: text(128), reason: text(400), at: integer(0) });
export type Accepted = NonNullable<ReturnType<typeof acceptedShape>>;

/** Where the anchor is kept. */
export interface AnchorPlace {
  /** How the anchor's files are read, replaced and removed. */
  readonly files: Pick<typeof StateFiles, 'readState' | 'writeState' | 'removeState'>;
  /** Paths of the anchor, and of what root accepted in its place. */
  readonly path: string;
  readonly acceptedPath: string;
}

/** The result of comparing a journal with its anchor. */
export interface Look {
  /** How the journal differs from the anchor; undefined when it does not. */
  readonly problem?: string;
  /** What root accepted, when it covers this problem. */
  readonly accepted?: Accepted | undefined;
  readonly anchor?: Anchor;
}

/** Compares a journal with its anchor (rules 1 and 2). @throws Error when either cannot be read. */
export async function lookAtJournal(path: string, place: AnchorPlace, seal: Seal, sha256: Digest): Promise<Look> {
  const anchor = await readAnchor(place);
  const end = await wholeEnd(path);
  if (anchor === undefined && end === 0) return {};
  const problem = anchor === undefined ? unknown : await problemAfter(path, anchor, seal, sha256);
  const found = anchor === undefined ? {} : { anchor };
  if (problem === undefined) return found;
  return { ...found, problem, accepted: await acceptedFor(path, place, seal, sha256) };
}

/** What root accepted, where that is this journal (rule 4). @throws Error when a file cannot be read */
export async function acceptedFor(
  path: string,
  place: AnchorPlace,
  seal: Seal,
  sha256: Digest,
): Promise<Accepted | undefined> {
  const accepted = await place.files.readState(place.acceptedPath, acceptedShape);
  if (accepted === undefined) return undefined;
  return (await problemAfter(path, accepted.found, seal, sha256)) === undefined ? accepted : undefined;
}

const unknown = 'there is no anchor for it: nobody can say whether all of it is there';

/** Whether the file still holds the anchor's record, at the same place. */
export async function isAt(path: string, { n, hash, bytes }: Anchor, sha256: Digest): Promise<boolean> {
  if (n === 0) return true;
  const last = await bytesBefore(path, bytes);
  return last !== undefined && sha256(last) === hash;
}

/** How the journal differs from the anchor on (rules 1 and 2); undefined when it does not. */
async function problemAfter(path: string, anchor: Anchor, seal: Seal, sha256: Digest): Promise<string | undefined> {
  const { n, hash, bytes } = anchor;
  const end = await wholeEnd(path);
  if (bytes > end) return `it ends before record ${n}, which this host wrote: it was cut or rolled back`;
  if (!(await isAt(path, anchor, sha256))) return `its record ${n} is not the one that this host wrote`;
  if (end === bytes) return undefined;
  let chain: ChainState = { n, hash };
  for await (const { text: line, whole } of journalLines(path, undefined, bytes)) {
    if (!whole) break;
    const next = follow(chain, line, sha256);
    if ('problem' in next) return `its record ${next.line} ${next.problem}`;
    if (!isSealed(line, seal)) return `its record ${next.n} was not written by this host`;
    chain = next;
  }
  return undefined;
}

/** The anchor that a journal would have now; undefined when its last whole line is not a record. A missing journal counts as empty. */
export async function anchorOf(path: string, sha256: Digest): Promise<Anchor | undefined> {
  const bytes = await wholeEnd(path);
  if (bytes === 0) return { n: 0, hash: chainStart, bytes };
  const last = (await bytesBefore(path, bytes)) ?? '';
  const n = parsed(last)?.['n'];
  return Number.isSafeInteger(n) ? { n: n as number, hash: sha256(last), bytes } : undefined;
}

/**
 * The first line that is not the record of its number; undefined where all are. A keeper cannot write after such a line, whatever root
 * accepts (tree.ts, rule 4).
 */
export async function firstMisplaced(path: string): Promise<number | undefined> {
  if ((await wholeEnd(path)) === 0) return undefined;
  let at = firstRecordIn(dirname(path)) - 1;
  for await (const { text, whole } of journalLines(path)) {
    if (!whole) break;
    at += 1;
    if (!isRecordOf(at, text)) return at;
  }
  return undefined;
}

/** Reads the stored anchor; undefined when there is none. @throws Error when it cannot be read */
export async function readAnchor({ files, path }: AnchorPlace): Promise<Anchor | undefined> {
  return files.readState(path, anchorShape);
}

/** Stores that root accepts the journal as it was found (rule 4). */
export async function acceptJournal({ files, acceptedPath }: AnchorPlace, accepted: Accepted): Promise<void> {
  await files.writeState(acceptedPath, accepted, true, acceptedShape);
}

/** Writes the anchor of a journal that is in use. */
export class AnchorKeeper {
  readonly #place: AnchorPlace;
  #wanted: Anchor | undefined;
  #writing: Promise<void> | undefined;
  #failed: unknown;

  constructor(place: AnchorPlace) {
    this.#place = place;
  }

  /** Begins to write an anchor and returns at once (rule 3). */
  keep(anchor: Anchor): void {
    this.#wanted = anchor;
    this.#writing ??= this.#write();
  }

  /** Repeats the last write if it failed. @throws Error when it fails again */
  async makeGood(): Promise<void> {
    if (this.#failed === undefined) return;
    this.#writing ??= this.#write();
    await this.settled();
  }

  /** Resolves when the newest anchor is on disk. @throws Error of the system */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failed !== undefined)
      throw new Error('the anchor of the journal cannot be written', { cause: this.#failed });
  }

  /** Removes what root accepted, once the journal has it in a record. */
  async forgetAccepted(): Promise<void> {
    await this.#place.files.removeState(this.#place.acceptedPath);
  }

  async #write(): Promise<void> {
    try {
      for (let next = this.#wanted; next !== undefined; next = this.#wanted) {
        await this.#place.files.writeState(this.#place.path, next, true, anchorShape);
        this.#failed = undefined;
        if (this.#wanted === next) this.#wanted = undefined;
      }
    } catch (error) {
      this.#failed = error; // #wanted stays set, so that the next write tries it again
    } finally {
      this.#writing = undefined;
    }
  }
}
