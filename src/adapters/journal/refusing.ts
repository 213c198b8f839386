// The journal when it is not as this host left it: it can be read, but nothing is signed or added, so access is refused (laws 1 and 7).
import { join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { Refused } from '../../core/refusal.ts';
import { wholeEnd } from './end.ts';
import { type Extent, type JournalRecord, type RecordFilter, journalName, readRecords } from './read.ts';

/** Reads a journal, holds its lock and refuses every write with JOURNAL_CHANGED. */
export class RefusingJournal {
  readonly changed: string;
  readonly failing = undefined;
  readonly #folder: string;
  readonly #lock: FileHandle;
  readonly #head: string;

  constructor(folder: string, changed: string, lock: FileHandle, head = '') {
    this.changed = changed;
    this.#folder = folder;
    this.#lock = lock;
    this.#head = head;
  }

  write(): Promise<void> {
    return Promise.reject(new Refused('JOURNAL_CHANGED', {}, new Error(this.changed)));
  }

  writeHead(): Promise<void> {
    return this.write();
  }

  records(filter?: RecordFilter, from?: number): AsyncIterable<JournalRecord> {
    return readRecords(this.#folder, filter, undefined, from);
  }

  async extent(): Promise<Extent> {
    const path = join(this.#folder, journalName);
    return { path, bytes: await wholeEnd(path), head: this.#head };
  }

  async close(): Promise<void> {
    await this.#lock.close();
  }
}
