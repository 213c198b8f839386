// Where the journal was when its keeper last wrote to it, kept in root's own state, outside the journal's folder.
//
// 1. Looked at before anything is signed or added. Attacks on whoever reads the journal alone: it is cut to a head that it holds
//    itself, its whole folder is rolled back or emptied, a record is chained on at its end and the next keeper signs it.
// 2. Written after the records are on disk, so a crash leaves it behind the journal, never ahead. What follows it is ours only if it
//    chains to it and bears the seal of this host (journal-record.ts).
// 3. It never waits in the way of a record: one write at a time, the newest wins. One that failed is made good before the next record.
// 4. Root may accept a loss, with a reason, for exactly the journal that was found (`audit accept`): it stands in the place of the
//    anchor, and in the next record.
import { type ChainState, type Digest, chainStart, follow } from '../core/chain.ts';
import { digestShape } from '../core/request.ts';
import { integer, object, text } from '../core/shape.ts';
import { bytesBefore, wholeEnd } from './journal-end.ts';
import { journalLines, parsed } from './journal-read.ts';
import { isSealed, type Seal } from './journal-record.ts';
import type * as StateFiles from './state-file.ts';

/** The number and the digest of the last record, and how long the file was with it. */
export interface Anchor extends ChainState {
  readonly bytes: number;
}

const anchorShape = object({ n: integer(0), hash: digestShape, bytes: integer(0) });
const acceptedShape = object({ found: anchorShape, by: text(128), reason: text(400), at: integer(0) });
export type Accepted = NonNullable<ReturnType<typeof acceptedShape>>;

export interface AnchorPlace {
  /** How root's state is read and replaced. */
  readonly files: Pick<typeof StateFiles, 'readState' | 'writeState' | 'removeState'>;
  /** The files of the anchor and of what root accepted in its place. */
  readonly path: string;
  readonly acceptedPath: string;
}

export interface Look {
  /** What is wrong; undefined when nothing is. */
  readonly problem?: string;
  /** Set when root accepted what is wrong. */
  readonly accepted?: Accepted;
  readonly anchor?: Anchor;
}

/** @throws Error when the anchor or the journal cannot be read. */
export async function lookAtJournal(path: string, place: AnchorPlace, seal: Seal, sha256: Digest): Promise<Look> {
  const anchor = await readAnchor(place);
  const end = await wholeEnd(path);
  if (anchor === undefined && end === 0) return {};
  const problem = anchor === undefined ? unknown : await problemAfter(path, anchor, seal, sha256);
  const found = anchor === undefined ? {} : { anchor };
  if (problem === undefined) return found;
  // Rule 4.
  const accepted = await place.files.readState(place.acceptedPath, acceptedShape);
  const isAccepted = accepted !== undefined && (await problemAfter(path, accepted.found, seal, sha256)) === undefined;
  return { ...found, problem, ...(isAccepted ? { accepted } : {}) };
}

const unknown = 'there is no anchor for it: nobody can say whether all of it is there';

/** Whether the record of an anchor is where it was. */
export async function isAt(path: string, { n, hash, bytes }: Anchor, sha256: Digest): Promise<boolean> {
  if (n === 0) return true;
  const last = await bytesBefore(path, bytes);
  return last !== undefined && sha256(last) === hash;
}

/** Rules 1 and 2. @returns what is wrong with the journal from the anchor on. */
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

/** Where a journal is now; undefined when its last whole line is no record. A missing one is an empty one. */
export async function anchorOf(path: string, sha256: Digest): Promise<Anchor | undefined> {
  const bytes = await wholeEnd(path);
  if (bytes === 0) return { n: 0, hash: chainStart, bytes };
  const last = (await bytesBefore(path, bytes)) ?? '';
  const n = parsed(last)?.['n'];
  return Number.isSafeInteger(n) ? { n: n as number, hash: sha256(last), bytes } : undefined;
}

/** The anchor as it was kept; undefined when there is none. @throws Error when it cannot be read */
export async function readAnchor({ files, path }: AnchorPlace): Promise<Anchor | undefined> {
  return files.readState(path, anchorShape);
}

/** Root accepts the journal as it is now. */
export async function acceptJournal({ files, acceptedPath }: AnchorPlace, accepted: Accepted): Promise<void> {
  await files.writeState(acceptedPath, accepted, true, acceptedShape);
}

/** Keeps the anchor of a journal that is written. */
export class AnchorKeeper {
  readonly #place: AnchorPlace;
  #wanted: Anchor | undefined;
  #writing: Promise<void> | undefined;
  #failed: unknown;

  constructor(place: AnchorPlace) {
    this.#place = place;
  }

  /** Rule 3. Returns at once. */
  keep(anchor: Anchor): void {
    this.#wanted = anchor;
    this.#writing ??= this.#write();
  }

  /** Resolves unless the last write failed, and fails again. @throws Error of the system */
  async makeGood(): Promise<void> {
    if (this.#failed === undefined) return;
    this.#writing ??= this.#write();
    await this.settled();
  }

  /** Resolves when the newest is on disk. @throws Error of the system */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failed !== undefined)
      throw new Error('the anchor of the journal cannot be written', { cause: this.#failed });
  }

  /** What root accepted has served. */
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
      this.#failed = error; // what was wanted still is
    } finally {
      this.#writing = undefined;
    }
  }
}
