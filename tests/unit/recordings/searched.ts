// Recordings in a folder of each test, and the index of them (src/recordings/search).
import { afterEach, beforeEach } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sealRecording } from '../../../src/adapters/recordings/seal.ts';
import { sha256 } from '../../../src/adapters/sha256.ts';
import { chainAfter, noChain } from '../../../src/core/recording/ranges.ts';
import { catchUp } from '../../../src/recordings/search/catch-up.ts';
import { find, type Hit, type Query, type Skipped } from '../../../src/recordings/search/find.ts';
import { parsePattern } from '../../../src/recordings/search/pattern.ts';
import { SearchIndex } from '../../../src/recordings/search/search-index.ts';

/** When the recordings began: seconds since 1970. */
export const began = Date.parse('2026-11-28T14:00:00Z') / 1000;
export type Event = readonly [number, string, string];

export let folder: string;
export let places: {
  readonly recordings: string;
  readonly journal: string;
  readonly connections: string;
  readonly index: string;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tmux-gate-search-'));
  const at = (name: string): string => join(folder, name);
  places = { recordings: at('recordings'), journal: at('journal'), connections: at('c'), index: at('search/index.db') };
  mkdirSync(places.journal);
  mkdirSync(join(places.recordings, '2026-11-28'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

function castOf(events: readonly Event[], timestamp: number): string {
  const header = { version: 2, width: 80, height: 24, timestamp, title: 'prod-db on prod-box', env: {} };
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}

export const baseOf = (id: string): string => join(places.recordings, '2026-11-28', id);

/** A recording, and whose it is; sealed, or as it is while it is live. */
export async function recorded(
  id: string,
  events: readonly Event[],
  { login = 'alice', live = false, later = 0 } = {},
): Promise<void> {
  const cast = castOf(events, began + later);
  writeFileSync(`${baseOf(id)}.cast`, cast);
  const record = { n: 1, event: 'connected', connection: id, login, session: 'prod-db' };
  writeFileSync(join(places.journal, 'journal.jsonl'), `${JSON.stringify(record)}\n`, { flag: 'a' });
  if (live) return;
  const bytes = Buffer.from(cast);
  await sealRecording({
    base: baseOf(id),
    cuts: [bytes.length],
    chain: chainAfter(noChain, sha256(cast), sha256),
    recipients: [],
  });
  rmSync(`${baseOf(id)}.cast`);
}

export interface Found {
  readonly hits: readonly Hit[];
  readonly skipped: Skipped;
}

export async function search(text: string, more: Partial<Query> & { ignoreCase?: boolean } = {}): Promise<Found> {
  using index = SearchIndex.open(places.index);
  await catchUp(index, places);
  const skipped: Skipped = { encrypted: 0, faults: [] };
  const hits: Hit[] = [];
  const query = { pattern: parsePattern(text, more.ignoreCase ?? false), onlyTyped: false, ...more };
  for await (const hit of find(index, places, query, skipped)) hits.push(hit);
  return { hits, skipped };
}

export const textsOf = async (
  text: string,
  more: Partial<Query> & { ignoreCase?: boolean } = {},
): Promise<readonly string[]> => (await search(text, more)).hits.map((hit) => hit.text);

export const screenful: readonly Event[] = [
  [1, 'o', '\u001b[2;1Hmysql> DROP TABLE'],
  [1.5, 'i', 'DROP TABLE\u007f\u007f\u007f\u007f\u007fVIEW x;\r'],
  [3, 'o', '\u001b[2;18H users;\u001b[3;1HQuery OK, 0 rows (0.02 sec)'],
  [9, 'o', '\u001b[2J\u001b[H漢字 in the log: größe 10°\u001b[1;1H'],
];
