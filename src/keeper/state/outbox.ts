// The outbox: records that are owed to the journal. An entry on disk says what has begun, or is about to end, until the journal has its
// record (law 7).
//
// 1. What begins (a grant, a connection, a session) has an entry before the record of its beginning; the entry is removed after the record
//    of its end. Accident: it ends while no keeper runs, and no record says so.
// 2. An end has an entry before it is carried out, with its reason and with the processes that are about to be killed. Accident: the keeper
//    dies between the act and its record, and nobody knows who ended it and why.
// 3. Each record is written once. Before an entry says that its end has begun, the journal has no record of that end; after that, the
//    keeper searches the journal from where it ended at that moment. Accident: the keeper dies between writing a record and removing its
//    entry.
// 4. A record that the journal does not take is kept, on disk and in memory, and tried again until it is written, also when
//    the disk is full several times. What follows from the record (`after`) runs after it, and is tried again as well.
// 5. A disk that hangs delays no end: an end waits at most 200 ms for its entry (law 4).
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { UncheckedJournal } from '../../adapters/journal/journal.ts';
import type { Log } from '../../adapters/log.ts';
import { readState, removeState, writeState } from '../../adapters/state-file.ts';
import {
  entryKey,
  entryOf,
  entryShape,
  hasBegun,
  isBeginning,
  recordsOf,
  standsFor,
  type AnyOwed,
  type Entry,
  type Owed,
  type Which,
} from '../../core/owed.ts';
import { asRefused, type Refused } from '../../core/refusal.ts';
import { formatInstant } from '../../core/time.ts';
import { openKeyedMutex } from '../concurrency/keyed-mutex.ts';

/** Writes journal records so that none is lost or written twice when the keeper dies. */
export interface Outbox {
  /**
   * Enters what is about to begin, then writes the record of its beginning (rule 1).
   * @throws what `write` throws, or an error of the file system: without its entry nothing may begin
   */
  begin(owed: Owed | Entry, write?: () => Promise<unknown>): Promise<void>;
  /** Enters an end before it is carried out (rules 2 and 5). Never rejects. */
  intend(owed: Owed): Promise<void>;
  /**
   * Writes the record, runs `after`, removes the entry (rules 3 and 4). Never rejects.
   * @returns why the journal did not take the record, or why `after` failed; both are tried again from then on
   */
  record(owed: Owed | Entry, after?: () => Promise<unknown>): Promise<Refused | undefined>;
  /**
   * `record` for something that has a state file of its own: `forget` removes that file once the record, or at least the whole entry, is on
   * disk. Never rejects.
   */
  recordAndForget(owed: Owed, forget: () => Promise<void>): Promise<void>;
  /**
   * For an act that must not happen without its record: writes the record, then acts. A keeper that starts acts again if it finds the
   * record.
   * @throws Refused JOURNAL_DOWN: nothing is done or owed; if the record was written, another one (`act-failed`) says that it was not done
   */
  allow(owed: Owed, act: () => Promise<unknown>): Promise<void>;
  /** Removes an entry: nothing is owed any more. */
  withdraw(which: Which): Promise<void>;
  /** All entries, in no promised order. */
  all(): readonly Entry[];
  /** For a keeper that starts (rule 3): searches the journal for the records of these entries. */
  found(entries: readonly Entry[]): Promise<Found>;
  /** Stops trying again; the entries stay on disk for the next keeper. */
  close(): void;
}

/** The entries whose record (`recorded`), or the record of whose beginning (`began`), is in the journal. */
export interface Found {
  readonly recorded: ReadonlySet<Entry>;
  readonly began: ReadonlySet<Entry>;
}

/** Where the entries are kept, and what the records go to. */
export interface OutboxOptions {
  /** Root's, mode 0700. */
  readonly folder: string;
  readonly journal: Pick<UncheckedJournal, 'write' | 'extent' | 'records'>;
  readonly log: Pick<Log, 'warn' | 'error'>;
  readonly now: () => number;
}

const retryMs = 5_000;
const entryPatienceMs = 200;
/** A record carries the instant of its event as a field only when it is written at least this much later. */
const lateMs = 2_000;

interface Kept {
  entry: Entry;
  /** How many of its records are in the journal. */
  written: number;
  /** Whether the file on disk equals `entry`. */
  saved: boolean;
  after: (() => Promise<unknown>) | undefined;
}

/** Reads the entries that earlier keepers left. An unreadable one is logged and skipped. */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const box = new DiskOutbox(options);
  await box.load();
  return box;
}

class DiskOutbox implements Outbox {
  readonly #options: OutboxOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #unwritten = new Set<string>();
  readonly #turns = openKeyedMutex();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { folder, log } = this.#options;
    for (const name of await readdir(folder)) {
      if (!name.endsWith('.json')) continue;
      const entry = await readState(`${folder}/${name}`, entryShape).catch(() => undefined);
      // Files are replaced as a whole, so at most a power cut can leave a broken one.
      if (entry === undefined) log.error('outbox-entry-unreadable', { file: name });
      else this.#kept.set(entryKey(entry), { entry, written: 0, saved: true, after: undefined });
    }
  }

  all(): readonly Entry[] {
    return [...this.#kept.values()].map(({ entry }) => entry);
  }

  async begin(owed: AnyOwed, write?: () => Promise<unknown>): Promise<void> {
    if (this.#kept.has(entryKey(owed))) return;
    try {
      const kept = await this.#enter(owed, false);
      const { entry } = kept;
      await this.#save(kept);
      await write?.();
      if (kept.entry === entry) this.#hasBegun(kept);
    } catch (error) {
      await this.#forget(entryKey(owed));
      throw error;
    }
  }

  /** Notes that the beginning has its record, so a keeper that starts need not search for it. Nobody waits for this write. */
  #hasBegun(kept: Kept): void {
    kept.entry = hasBegun(kept.entry);
    kept.saved = false;
    this.#save(kept).catch((error: unknown) => this.#options.log.warn('outbox-not-written', { error }));
  }

  async intend(owed: AnyOwed): Promise<void> {
    const kept = await this.#enter(owed, true);
    if (kept.saved) return;
    const saved = this.#save(kept).catch((error: unknown) => this.#options.log.warn('outbox-not-written', { error }));
    const stop = new AbortController();
    const patience = delay(entryPatienceMs, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([saved.finally(() => stop.abort()), patience]);
  }

  async record(owed: AnyOwed, after?: () => Promise<unknown>): Promise<Refused | undefined> {
    const key = entryKey(owed);
    await this.intend(owed);
    const kept = this.#kept.get(key);
    if (kept !== undefined) kept.after = after;
    const failed = await this.#deliver(key);
    if (failed === undefined && this.#unwritten.size > 0) this.#retrySoon(0);
    return failed;
  }

  async recordAndForget(owed: AnyOwed, forget: () => Promise<void>): Promise<void> {
    await this.record(owed, forget);
    if (this.#kept.get(entryKey(owed))?.saved === true) await forget().catch(() => undefined); // the entry's retry runs it again
  }

  async allow(owed: AnyOwed, act: () => Promise<unknown>): Promise<void> {
    const failed = await this.record(owed, act);
    if (failed === undefined) return;
    const written = this.#kept.get(entryKey(owed))?.written !== 0;
    await this.withdraw(owed);
    // The caller hears that nothing was done, so nothing may be done later. A record that was written is followed by one that says so.
    const is = { of: owed.event, ...owed.is };
    if (written) await this.record({ event: 'act-failed', is, facts: is });
    throw failed;
  }

  async withdraw(which: Which): Promise<void> {
    await this.#turns.take(entryKey(which), async () => this.#forget(entryKey(which)));
  }

  async found(entries: readonly Entry[]): Promise<Found> {
    const [recorded, began] = [new Set<Entry>(), new Set<Entry>()];
    const counts = new Map(entries.map((entry) => [entry, 0]));
    const from = Math.min(...entries.map((entry) => entry.from));
    if (entries.length === 0) return { recorded, began };
    for await (const record of this.#options.journal.records(undefined, from))
      for (const entry of entries) {
        if (isBeginning(entry, record)) began.add(entry);
        if (standsFor(entry, record)) counts.set(entry, (counts.get(entry) ?? 0) + 1);
      }
    for (const [entry, count] of counts) {
      const kept = this.#kept.get(entryKey(entry));
      if (kept?.entry === entry) kept.written = count;
      if (count >= recordsOf(entry).length) recorded.add(entry);
    }
    return { recorded, began };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #enter(owed: AnyOwed, ending: boolean): Promise<Kept> {
    const key = entryKey(owed);
    const { bytes } = await this.#options.journal.extent();
    const known = this.#kept.get(key);
    const entry = entryOf(owed, known?.entry, { ending, journalEnd: bytes, now: this.#options.now() });
    if (known !== undefined && JSON.stringify(known.entry) === JSON.stringify(entry)) return known;
    const kept = known ?? { entry, written: 0, saved: false, after: undefined };
    kept.entry = entry;
    kept.saved = false;
    this.#kept.set(key, kept);
    return kept;
  }

  async #save(kept: Kept): Promise<void> {
    const { entry } = kept;
    await writeState(this.#path(entryKey(entry)), entry, entry.redo !== undefined, entryShape);
    if (kept.entry === entry) kept.saved = true;
  }

  #path(key: string): string {
    return `${this.#options.folder}/${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`;
  }

  async #deliver(key: string): Promise<Refused | undefined> {
    return this.#turns.take(key, async () => {
      const kept = this.#kept.get(key);
      if (kept === undefined) return undefined;
      try {
        await this.#write(kept);
        await kept.after?.();
        await this.#forget(key);
        return undefined;
      } catch (error) {
        if (!this.#unwritten.has(key)) this.#options.log.error('not-journaled', { event: kept.entry.event, error });
        this.#unwritten.add(key);
        this.#retrySoon(retryMs);
        return asRefused(error, 'JOURNAL_DOWN');
      }
    });
  }

  /** All records of an entry at once: the journal writes them as one batch, so a crash leaves all of them or none. */
  async #write(kept: Kept): Promise<void> {
    const { at } = kept.entry;
    const when = this.#options.now() - at < lateMs ? {} : { happened: formatInstant(at) };
    const records = recordsOf(kept.entry);
    await Promise.all(
      records
        .slice(kept.written)
        .map(async ([event, fields]) => this.#options.journal.write(event, { ...fields, ...when })),
    );
    kept.written = records.length;
  }

  async #forget(key: string): Promise<void> {
    this.#kept.delete(key);
    this.#unwritten.delete(key);
    await removeState(this.#path(key), false).catch((error: unknown) =>
      this.#options.log.warn('outbox-not-removed', { error }),
    );
  }

  #retrySoon(ms: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#retry(), ms).unref();
  }

  /** In order; the first failure ends the round. */
  async #retry(): Promise<void> {
    for (const key of [...this.#unwritten]) if ((await this.#deliver(key)) !== undefined) return;
  }
}
