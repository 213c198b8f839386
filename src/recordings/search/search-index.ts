// The index of `find`: a file of root alone, made from the recordings and of no worth as evidence.
//
// 1. It is made anew when it is missing, damaged, of another version, or not a file of root alone. Attack: a crafted database makes SQLite
//    write beyond its memory. FTS5 did so with its option secure-delete before SQLite 3.54, so that is never set.
// 2. Texts reach SQLite as parameters, and only threes of characters in quotes as a query. Attack: what a session printed, or what somebody
//    looks for, becomes SQL.
// 3. A recording is added as a whole or not at all. Accident: a search misses what an indexer that was killed had not come to.
// 4. What leaves the index leaves its files. FTS5 only marks the words of a removed document, so they are merged away; SQLite keeps old bytes
//    in free pages, in gaps and in its log (-wal), so the file is written anew and the log is emptied. Attack: a text that was purged for a
//    customer is read from the disk of the index.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { PackedDocument } from './documents.ts';
import { codeOf, codes, isOwn, opened } from './index-file.ts';

/** The index is damaged, or was replaced meanwhile: it has to be made anew. */
export class IndexDamaged extends Error {
  override readonly name = 'IndexDamaged';
}

/** A recording of the index. */
export interface IndexedRecording {
  readonly number: number;
  /** The id of its connection. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly began: number;
  /** When its last text came, in seconds since then. */
  readonly lasted: number;
  /** Why it cannot be read. */
  readonly fault: string | null;
}

/** Whose recording it is, by the journal. */
export interface ConnectionFacts {
  readonly id: string;
  readonly login: string;
  readonly session: string;
}

/** A document that may hold what is looked for. */
export interface Candidate {
  readonly number: number;
  readonly isTyped: boolean;
}

interface TextsRow {
  readonly packed: Uint8Array;
}

interface DocumentRow {
  readonly number: number;
  readonly recording: number;
  readonly typed: number;
}

export class SearchIndex implements Disposable {
  readonly #base: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(base: DatabaseSync) {
    this.#base = base;
  }

  /** Opens the index, and begins a new one where it cannot be used (rule 1). @throws Error of the system or of SQLite */
  static open(path: string): SearchIndex {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    chmodSync(dirname(path), 0o700);
    if (!isOwn(path)) SearchIndex.remove(path);
    const base = opened(path);
    if (base !== undefined) return new SearchIndex(base);
    SearchIndex.remove(path);
    const begun = opened(path);
    if (begun === undefined) throw new IndexDamaged('a new index cannot be used');
    return new SearchIndex(begun);
  }

  static remove(path: string): void {
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(path + ending, { force: true });
  }

  recordings(): readonly IndexedRecording[] {
    return this.#all('SELECT number, id, began, lasted, fault FROM recording') as readonly IndexedRecording[];
  }

  connections(): readonly ConnectionFacts[] {
    return this.#all('SELECT id, login, session FROM connection') as readonly ConnectionFacts[];
  }

  /** How many bytes of the journal were read for `connections`. */
  journalRead(): number {
    return this.#number('SELECT journal FROM about');
  }

  /**
   * Runs `write` as a whole or not at all.
   * @returns false when another program is writing, after a second.
   */
  async whole(write: () => Promise<void>): Promise<boolean> {
    if (!this.#begun()) return false;
    try {
      await write();
      this.#run('COMMIT');
      return true;
    } catch (error) {
      if (this.#base.isTransaction) this.#base.exec('ROLLBACK');
      throw error;
    }
  }

  addConnections(facts: readonly ConnectionFacts[], journalRead: number): void {
    for (const { id, login, session } of facts)
      this.#run('INSERT OR REPLACE INTO connection VALUES (?, ?, ?)', id, login, session);
    this.#run('UPDATE about SET journal = ?', journalRead);
  }

  has(id: string): boolean {
    return this.#all('SELECT 1 FROM recording WHERE id = ?', id).length > 0;
  }

  /** @returns its number. @param began seconds since 1970 */
  addRecording(id: string, began: number): number {
    this.#run('INSERT INTO recording (id, began, lasted) VALUES (?, ?, 0)', id, began);
    return this.#lastNumber();
  }

  setBegan(recording: number, began: number): void {
    this.#run('UPDATE recording SET began = ? WHERE number = ?', began, recording);
  }

  setLasted(recording: number, lasted: number): void {
    this.#run('UPDATE recording SET lasted = ? WHERE number = ?', lasted, recording);
  }

  setFault(recording: number, fault: string): void {
    this.#run('UPDATE recording SET fault = ? WHERE number = ?', fault, recording);
  }

  addDocument(recording: number, { isTyped, words, packed }: PackedDocument): void {
    this.#run('INSERT INTO document (recording, typed) VALUES (?, ?)', recording, isTyped ? 1 : 0);
    const number = this.#lastNumber();
    this.#run('INSERT INTO texts VALUES (?, ?)', number, packed);
    this.#run('INSERT INTO threes (rowid, words) VALUES (?, ?)', number, words);
  }

  /**
   * Removes recordings, within `whole`. Their texts are gone from the files once `wiped` has returned true (rule 4).
   * @param numbers of the recordings
   */
  removeRecordings(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    for (const number of numbers) this.removeRecording(number);
    this.#run("INSERT INTO threes (threes) VALUES ('optimize')");
    this.#base.exec(`PRAGMA user_version = ${remainsThere}`);
  }

  /** Whether texts of what was removed may still be in the files, since `wiped` was not called or did not come to its end. */
  hasRemains(): boolean {
    return this.#number('PRAGMA user_version') === remainsThere;
  }

  /** Writes the file anew where something was removed, and empties the log (rule 4). @returns false while another program uses the index */
  wiped(): boolean {
    try {
      if (this.hasRemains()) this.#base.exec('VACUUM');
      if (this.#number('PRAGMA wal_checkpoint(TRUNCATE)') !== 0) return false;
      this.#base.exec('PRAGMA user_version = 0');
      return true;
    } catch (error) {
      if (codeOf(error) === codes.busy) return false;
      throw damageOf(error);
    }
  }

  /** Removes one of which no text was added. */
  removeRecording(number: number): void {
    for (const [table, key] of [
      ['threes', 'rowid'],
      ['texts', 'document'],
    ] as const)
      this.#run(`DELETE FROM ${table} WHERE ${key} IN (SELECT number FROM document WHERE recording = ?)`, number);
    this.#run('DELETE FROM document WHERE recording = ?', number);
    this.#run('DELETE FROM recording WHERE number = ?', number);
  }

  /** The documents that may hold it, by the number of their recording. @param query of pattern.ts; undefined: all */
  candidates(query: string | undefined, onlyTyped: boolean): ReadonlyMap<number, readonly Candidate[]> {
    const typed = onlyTyped ? 'typed = 1' : 'true';
    const chosen = query === undefined ? 'true' : 'number IN (SELECT rowid FROM threes WHERE threes MATCH ?)';
    const sql = `SELECT number, recording, typed FROM document WHERE ${chosen} AND ${typed}`;
    const byRecording = new Map<number, Candidate[]>();
    const rows = this.#all(sql, ...(query === undefined ? [] : [query])) as readonly DocumentRow[];
    for (const { number, recording, typed } of rows) {
      const candidate = { number, isTyped: typed === 1 };
      const others = byRecording.get(recording);
      if (others === undefined) byRecording.set(recording, [candidate]);
      else others.push(candidate);
    }
    return byRecording;
  }

  /** The texts of a document, packed. */
  packed(document: number): Uint8Array {
    const [found] = this.#all('SELECT packed FROM texts WHERE document = ?', document) as readonly TextsRow[];
    if (found === undefined) throw new IndexDamaged(`document ${document} is missing`);
    return found.packed;
  }

  [Symbol.dispose](): void {
    this.#base.close();
  }

  #begun(): boolean {
    try {
      this.#base.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (codeOf(error) === codes.busy) return false;
      throw damageOf(error);
    }
  }

  /** The one number that a query asks for. */
  #number(sql: string): number {
    const [row] = this.#all(sql) as readonly Readonly<Record<string, number>>[];
    return Object.values(row ?? {})[0] ?? 0;
  }

  #lastNumber(): number {
    return this.#number('SELECT last_insert_rowid()');
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#base.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #all(sql: string, ...values: SQLInputValue[]): readonly unknown[] {
    try {
      return this.#prepared(sql).all(...values);
    } catch (error) {
      throw damageOf(error);
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    try {
      const statement = this.#prepared(sql);
      statement.setReadBigInts(true); // FTS5 leaves rowids that are no safe integers, which `run` reports
      statement.run(...values);
    } catch (error) {
      throw damageOf(error);
    }
  }
}

/** A number in the head of the file, which SQLite changes with the same transaction. It is 0 otherwise. */
const remainsThere = 1;

function damageOf(error: unknown): unknown {
  const code = codeOf(error);
  return code === codes.corrupt || code === codes.notADatabase
    ? new IndexDamaged('the index is damaged', { cause: error })
    : error;
}
