// Who takes what is purged out of the index of `find` (src/keeper/search): over a program that a test writes.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { openSearchIndexing, type SearchIndexing } from '../../src/keeper/search/search-indexing.ts';
import { temporary, type Folder } from '../unit/gate/folder.ts';

let folder: Folder;
let searchIndex: string;
let said: string[];
let indexing: SearchIndexing;

beforeEach(() => {
  folder = temporary();
  mkdirSync(`${folder.path}/search`);
  searchIndex = `${folder.path}/search/index.db`;
  said = [];
  const layout = { programs: folder.path, searchIndex };
  indexing = openSearchIndexing({ layout, log: { warn: (event) => void said.push(event) } });
});
afterEach(() => folder[Symbol.dispose]());

/** The program writes down its words, and then does this. */
function program(then: string): void {
  const told = `require('node:fs').appendFileSync('${folder.path}/told', process.argv.slice(2).join(' ') + '\\n')`;
  writeFileSync(`${folder.path}/search.js`, `${told};${then}`);
}
const told = (): string => (existsSync(`${folder.path}/told`) ? readFileSync(`${folder.path}/told`, 'utf8') : '');
const index = (): void => {
  for (const ending of ['', '-wal', '-shm']) writeFileSync(`${searchIndex}${ending}`, 'texts');
};

test('a program takes it out; where there is no index, none is started', async () => {
  program('');
  await indexing.forget();
  expect(told()).toBe('');
  index();
  await indexing.forget();
  expect({ told: told(), said, there: existsSync(searchIndex) }).toEqual({ told: 'forget\n', said: [], there: true });
});

test('an index that cannot be cleaned is removed, with its log', async () => {
  program('process.exit(1)');
  index();
  await indexing.forget();
  expect(['', '-wal', '-shm'].filter((ending) => existsSync(`${searchIndex}${ending}`))).toEqual([]);
  expect(said).toEqual(['index-removed']);
});

test('a keeper that starts takes out what an earlier one did not come to', async () => {
  program('');
  index();
  const stop = new AbortController();
  indexing.start(stop.signal);
  await indexing.forget(); // waits for the first
  stop.abort();
  expect(told()).toBe('forget\nforget\n');
});
