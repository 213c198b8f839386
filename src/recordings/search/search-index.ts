// The index of `find`: a file of root alone, made from the recordings and of no worth as evidence.
//
// 1. It is made anew when it is missing, damaged, of another version, or not a file of root alone. Attack: a crafted database makes SQLite
//    write beyond its memory. FTS5 did so with its option secure-delete before SQLite 3.54, so that is never set.
// 2. Texts reach SQLite as parameters, and only threes of characters in quotes as a query. Attack: what a session printed, or what somebody
//    looks for, becomes SQL.
// 3. A recording is added as a whole or not at all. Accident: a search misses what an indexer that was killed had not come to.
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { PackedDocument } from './documents.ts';

/** What is stored, and how. Another one makes all indexes anew. */
const version = 1;

/** What FTS5 collects in memory before it writes; with its own 1 MB, it merges what it wrote again and again. */
const hashBytes = 16 * 1024 * 1024;

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE about (version INTEGER NOT NULL, journal INTEGER NOT NULL);
  INSERT INTO about VALUES (${version}, 0);
  CREATE TABLE connection (id TEXT PRIMARY KEY, login TEXT NOT NULL, session TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE recording (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, began REAL NOT NULL, lasted REAL NOT NULL, fault TEXT);
  CREATE TABLE document (number INTEGER PRIMARY KEY, recording INTEGER NOT NULL, typed INTEGER NOT NULL);
  CREATE INDEX document_of ON document (recording);
  CREATE TABLE texts (document INTEGER PRIMARY KEY, packed BLOB NOT NULL);
  CREATE VIRTUAL TABLE threes USING fts5 (words, content='', contentless_delete=1, detail=none, tokenize='trigram');
  INSERT INTO threes (threes, rank) VALUES ('hashsize', ${hashBytes});
`;

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
      if (codeOf(error) === busy) return false;
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

const waitMs = 1000;

/** Result codes of SQLite (sqlite.org/rescode.html). */
const [busy, corrupt, notADatabase] = [5, 11, 26];

/** @returns undefined for one that has to be made anew. */
function opened(path: string): DatabaseSync | undefined {
  const isNew = !existsSync(path);
  const base = new DatabaseSync(path, { timeout: waitMs });
  try {
    if (isNew) base.exec(schema);
    chmodSync(path, 0o600);
    if (base.prepare('SELECT version FROM about').get()?.['version'] === version) return base;
  } catch (error) {
    if (codeOf(error) === undefined || codeOf(error) === busy) throw error;
  }
  base.close();
  return undefined;
}

function isOwn(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined || (found.isFile() && found.uid === process.geteuid?.() && (found.mode & 0o077) === 0);
}

/** The primary result code. */
function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { readonly errcode?: number };
  return errcode === undefined ? undefined : errcode & 0xff;
}

function damageOf(error: unknown): unknown {
  const code = codeOf(error);
  return code === corrupt || code === notADatabase ? new IndexDamaged('the index is damaged', { cause: error }) : error;
}
