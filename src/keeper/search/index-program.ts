// Adds to the index of `find` what is missing in it, and ends. The keeper starts it (keep-indexed.ts).
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { catchUp } from '../../recordings/search/catch-up.ts';
import { IndexDamaged, SearchIndex } from '../../recordings/search/search-index.ts';
import { layoutOf, type Layout } from '../../wire/layout.ts';

const leastNice = 19;
/** The first process that the kernel ends when memory is short (proc(5)). */
const endedFirst = '1000';

async function index({ searchIndex, ...places }: Layout): Promise<void> {
  using found = SearchIndex.open(searchIndex);
  await catchUp(found, places);
}

async function main(): Promise<void> {
  process.umask(0o077);
  setPriority(leastNice);
  writeFileSync('/proc/self/oom_score_adj', endedFirst);
  const layout = layoutOf(import.meta.dirname);
  await index(layout).catch(async (error: unknown) => {
    if (!(error instanceof IndexDamaged)) throw error;
    SearchIndex.remove(layout.searchIndex);
    await index(layout);
  });
}

await main();
