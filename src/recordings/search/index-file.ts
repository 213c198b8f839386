// The file of the index of `find`: what is in it, and whether it can be used (./search-index.ts, rule 1).
import { chmodSync, existsSync, lstatSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

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

const waitMs = 1000;

/** Result codes of SQLite (sqlite.org/rescode.html). */
export const codes = { busy: 5, corrupt: 11, notADatabase: 26 } as const;

/** Opens the file, and makes it where there is none. @returns undefined for one that has to be made anew. @throws Error of SQLite */
export function opened(path: string): DatabaseSync | undefined {
  const isNew = !existsSync(path);
  const base = new DatabaseSync(path, { timeout: waitMs });
  try {
    if (isNew) base.exec(schema);
    chmodSync(path, 0o600);
    if (base.prepare('SELECT version FROM about').get()?.['version'] === version) return base;
  } catch (error) {
    if (codeOf(error) === undefined || codeOf(error) === codes.busy) throw error;
  }
  base.close();
  return undefined;
}

/** Whether it is a file of this account alone, or is missing. */
export function isOwn(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined || (found.isFile() && found.uid === process.geteuid?.() && (found.mode & 0o077) === 0);
}

/** The primary result code of an error of SQLite; undefined for another error. */
export function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { readonly errcode?: number };
  return errcode === undefined ? undefined : errcode & 0xff;
}
