// Writes the journal: hash-chained JSON Lines with one writer (laws 1 and 7; docs/design.md, "Journal and recordings").
//
// 1. `write` resolves when its record is on disk. A write that fails leaves file and chain as they were, and rejects. So does every write
//    after `close`. Accident: something takes effect, and the journal does not have it.
// 2. Writes that come at the same time share one write(2) and one fdatasync. The order of the calls is the order of the chain.
// 3. After each batch the checkpoint (the number of records, and the root of their tree) is signed and replaced, so that a cut at the end
//    shows. While it cannot be written, nothing else is (checkpoint-file.ts). Attack: a growing unsigned tail is cut unseen.
// 4. What a crash or a cut left is written into the chain at the next opening, together with the checkpoint found there, so that later
//    records do not hide it.
// 5. A journal that is not as this host left it is neither signed nor added to, until root accepts it (anchor.ts, tree.ts).
// 6. A file that is large becomes a segment between two batches (rotate.ts). Where that fails, the journal goes on in the file that it has.
// 7. Why the last write failed is told until one succeeds, and a head is tried a minute later, so that somebody hears of it in both cases.
//    Accident: a disk with room fails (EIO), and `status` calls the journal well while everybody is refused.
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChainState, type Digest, afterLine, nextLink } from '../../core/chain.ts';
import type { EventFields, EventName, NoOther } from '../../core/events/events.ts';
import { asRefused, type Refused } from '../../core/refusal.ts';
import { withEvent, type Totals } from '../../core/totals.ts';
import { AnchorKeeper, lookAtJournal, type AnchorPlace, type Look } from './anchor.ts';
import { CheckpointFile, type CheckpointOptions } from './checkpoint-file.ts';
import { JournalFile } from './file.ts';
import { chainAt } from './chain-at.ts';
import { noteLines, type VerifyHead } from './heads.ts';
import { ownFolder, takeLock } from './lock.ts';
import { type Extent, type JournalRecord, type RecordFilter, journalName, readRecords } from './read.ts';
import { RefusingJournal } from './refusing.ts';
import { recordLine, type Seal } from './record.ts';
import { mendRotation } from './rotate.ts';
import { findHead, type Found, openTree } from './tree.ts';
import type { JournalTiles } from './tiles.ts';
import { totalsOfFile } from './totals.ts';

/** How a journal is opened. */
export interface JournalOptions extends CheckpointOptions {
  /** The folder of the journal, of root alone with mode 0700; made when it is missing. */
  readonly folder: string;
  /** Where the anchor is kept, outside the folder. Undefined: there is none, and rule 5 does not apply. */
  readonly anchor: AnchorPlace | undefined;
  /** Marks each record as one of this host. */
  readonly seal: Seal;
  /** Reads what this host signed before. */
  readonly readHead: VerifyHead;
  /** The clock: milliseconds since the epoch. */
  readonly now: () => number;
  /** SHA-256 of a text, as hex. */
  readonly sha256: Digest;
  /** From how many bytes on a file becomes a segment (rule 6). Undefined: never. */
  readonly rotateBytes?: number | undefined;
  /** Told when that fails. */
  readonly notRotated?: ((error: unknown) => void) | undefined;
}

/** The open journal. */
export interface Journal {
  /** How the journal differs from what this host left (rule 5); then nothing can be written. Undefined when it does not differ. */
  readonly changed: string | undefined;
  /** Why the last records could not be written, as a code of the system (EIO) or `failed`; undefined when they could (rule 7). */
  readonly failing: string | undefined;
  /**
   * Adds a record of an event of the table (core/events/events.ts); resolves when it is on disk. Fields are filtered by core/text, and
   * shortened where the record would exceed 16 KiB.
   * @throws Refused JOURNAL_DOWN, JOURNAL_CHANGED
   */
  write<E extends EventName, F extends EventFields<E>>(event: E, fields: F & NoOther<E, F>): Promise<void>;
  /**
   * Writes a head now: with it evidence of a period covers what was written before. Resolves when its checkpoint is signed too.
   * @throws Refused JOURNAL_DOWN, JOURNAL_CHANGED
   */
  writeHead(): Promise<void>;
  /**
   * Waits for the writes that were begun, adds a last signed head and closes the file.
   * @throws Refused JOURNAL_DOWN, with the file closed.
   */
  close(): Promise<void>;
  /** How many bytes are on disk now, and the newest signed head: for a reader beside the keeper. */
  extent(): Promise<Extent>;
  /** Streams the records on disk, oldest first. @param from the byte to begin at: an end that `extent` gave, or 0 for all. */
  records(filter?: RecordFilter, from?: number): AsyncIterable<JournalRecord>;
}

/** A journal that takes any record: entries of the outbox may be of another version, which had other events. */
export interface UncheckedJournal extends Omit<Journal, 'write'> {
  write(event: string, fields: Readonly<Record<string, unknown>>): Promise<void>;
}

/** A signed head is also written as a record after this many records, or this many milliseconds after one. */
const headEvery = 100;
const headAfterMs = 60_000;
const batchLimit = 256;

/**
 * Opens the journal for writing, and writes `opened` into it.
 * @returns a journal that can only be read, when it is not as this host left it (rule 5).
 * @throws Refused JOURNAL_DOWN when it cannot be written, is not root's alone, or has another writer.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const handles: { close(): Promise<void> }[] = [];
  try {
    await ownFolder(options.folder);
    const lock = await takeLock(join(options.folder, 'lock'));
    handles.push(lock);
    await mendRotation(join(options.folder, journalName));
    const found = await findHead(options.folder, options.readHead);
    const refusing = (problem: string): Journal => new RefusingJournal(options.folder, problem, lock, found?.text);
    const look = await lookFirst(options);
    if (look.problem !== undefined && look.accepted === undefined) return refusing(look.problem);
    const file = await JournalFile.open(join(options.folder, journalName), options.now());
    handles.push(file);
    const { n } = chainAt(file.lastLine, options.sha256);
    const grown = await openTree({ ...options, n, bytes: file.end, found, look });
    if ('problem' in grown) {
      await file.close();
      return refusing(grown.problem);
    }
    const totals = await totalsOfFile(join(options.folder, journalName), file.end);
    const journal = new ChainedJournal(options, { file, lock, tiles: grown.tiles, totals });
    await journal.begin(found, grown.look);
    return journal;
  } catch (error) {
    for (const handle of handles) await handle.close();
    throw journalDown(error);
  }
}

/** Compares the journal with its anchor (rule 5). */
async function lookFirst({ folder, anchor, seal, sha256 }: JournalOptions): Promise<Look> {
  return anchor === undefined ? {} : lookAtJournal(join(folder, journalName), anchor, seal, sha256);
}

const journalDown = (error: unknown): Refused => asRefused(error, 'JOURNAL_DOWN');

interface Entry {
  readonly at: number;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly done: () => void;
  readonly failed: (error: Refused) => void;
}

interface Parts {
  readonly file: JournalFile;
  readonly lock: FileHandle;
  readonly tiles: JournalTiles;
  readonly totals: Totals;
}

class ChainedJournal implements Journal {
  readonly changed = undefined;
  failing: string | undefined;
  readonly #options: JournalOptions;
  readonly #file: JournalFile;
  readonly #lock: FileHandle;
  readonly #anchor: AnchorKeeper | undefined;
  #waiting: Entry[] = [];
  #draining: Promise<void> | undefined;
  #chain: ChainState;
  #totals: Totals;
  readonly #checkpoint: CheckpointFile;
  #sinceHead = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: JournalOptions, { file, lock, tiles, totals }: Parts) {
    this.#options = options;
    this.#totals = totals;
    this.#file = file;
    this.#lock = lock;
    this.#checkpoint = new CheckpointFile(options, tiles);
    this.#anchor = options.anchor && new AnchorKeeper(options.anchor);
    this.#chain = chainAt(file.lastLine, options.sha256);
  }

  /** Writes what was found at the opening (rules 4 and 5). */
  async begin(found: Found | undefined, { problem, accepted, anchor }: Look): Promise<void> {
    const { torn } = this.#file;
    const records = this.#chain.n;
    const isOld = found?.isOld === true;
    await this.write('opened', {
      checkpoint: found === undefined || isOld ? null : noteLines(found.text),
      ...(isOld ? { head: found.text } : {}),
      ...(torn === undefined ? {} : { torn: torn.file, tornBytes: torn.bytes }),
      ...(accepted === undefined ? {} : { problem: problem ?? '', accepted, lost: anchor ?? null }),
    });
    if (isOld) await this.write('log-migrated', { records });
    await this.#draining;
    await this.#checkpoint.makeGood();
    await this.#checkpoint.replaceOldHead();
    await this.#anchor?.settled();
    if (accepted !== undefined) await this.#anchor?.forgetAccepted();
  }

  write<E extends EventName>(event: E, fields: EventFields<E>): Promise<void> {
    if (this.#closed) return Promise.reject(journalDown(new Error('the journal is closed')));
    return this.#add(event, fields);
  }

  async writeHead(): Promise<void> {
    if (this.#closed) throw journalDown(new Error('the journal is closed'));
    await this.#addHead();
    await this.#draining;
  }

  records(filter?: RecordFilter, from?: number): AsyncIterable<JournalRecord> {
    return readRecords(this.#options.folder, filter, this.#file.end, from);
  }

  extent(): Promise<Extent> {
    const path = join(this.#options.folder, journalName);
    return Promise.resolve({ path, bytes: this.#file.end, head: this.#checkpoint.note });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#draining;
    try {
      await this.#addHead();
      await this.#draining;
      await this.#checkpoint.write(true);
      await this.#anchor?.settled();
    } finally {
      clearTimeout(this.#timer);
      await this.#file.close();
      await this.#lock.close();
    }
  }

  #add<E extends EventName>(event: E, fields: EventFields<E>): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ at: this.#options.now(), event, fields, done, failed });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#batch(this.#waiting.splice(0, batchLimit));
    this.#draining = undefined; // nothing is awaited since #waiting was empty, so no write is missed
  }

  async #batch(entries: readonly Entry[]): Promise<void> {
    const { lines, chain, totals } = this.#linked(entries);
    try {
      await this.#checkpoint.makeGood();
      await this.#anchor?.makeGood();
      await this.#file.append(lines.map((line) => `${line}\n`).join(''));
      [this.#chain, this.#totals, this.failing] = [chain, totals, undefined];
      this.#anchor?.keep({ ...chain, bytes: this.#file.end });
    } catch (error) {
      this.failing = (error as NodeJS.ErrnoException).code ?? 'failed'; // rule 7
      this.#placeHeadLater();
      for (const { failed } of entries) failed(journalDown(error));
      return;
    }
    for (const { done } of entries) done();
    await this.#checkpoint.add(lines);
    this.#placeHeads(entries);
    const { rotateBytes, notRotated } = this.#options;
    if (rotateBytes !== undefined) await this.#file.rotateFrom(rotateBytes).catch(notRotated); // rule 6
  }

  /** The lines of these records, and what the journal is after them. */
  #linked(entries: readonly Entry[]): { lines: readonly string[]; chain: ChainState; totals: Totals } {
    const { host, seal, sha256 } = this.#options;
    const lines: string[] = [];
    let [chain, totals] = [this.#chain, this.#totals];
    for (const { at, event, fields: given } of entries) {
      const fields = event === 'head' ? { ...given, totals } : given;
      const text = recordLine({ link: nextLink(chain), at, host, event, fields }, seal);
      chain = afterLine(chain, text, sha256);
      totals = withEvent(totals, event);
      lines.push(text);
    }
    return { lines, chain, totals };
  }

  #placeHeads(entries: readonly Entry[]): void {
    const last = entries.findLastIndex(({ event }) => event === 'head');
    this.#sinceHead = last < 0 ? this.#sinceHead + entries.length : entries.length - 1 - last;
    if (this.#closed) return;
    if (this.#sinceHead >= headEvery) this.#placeHead();
    else if (this.#sinceHead > 0) this.#placeHeadLater();
  }

  #placeHeadLater(): void {
    this.#timer ??= setTimeout(() => this.#placeHead(), headAfterMs).unref();
  }

  #placeHead(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sinceHead = 0;
    if (!this.#closed) this.#addHead().catch(() => undefined); // rule 7 tells of a failure
  }

  async #addHead(): Promise<void> {
    return this.#add('head', { checkpoint: noteLines(this.#checkpoint.note) });
  }
}
