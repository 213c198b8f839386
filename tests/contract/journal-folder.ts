// A journal in segments for each test: its folder, its file, and the keys of its host. All are removed at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from '@jest/globals';
import type { Keys } from '../../src/adapters/keys.ts';
import { keysOf } from './segmented-journal.ts';

const base = await mkdtemp(join(tmpdir(), 'tmux-gate-segments-'));
let count = 0;

/** Of the test that runs, or of the last `anotherJournal` in it. */
export let folder: string;
export let path: string;
export let keys: Keys;

/** A second journal within a test. */
export async function anotherJournal(): Promise<void> {
  folder = join(base, `journal-${(count += 1)}`);
  path = join(folder, 'journal.jsonl');
  keys = await keysOf(folder);
}

beforeEach(anotherJournal);
afterAll(() => rm(base, { recursive: true, force: true }));
