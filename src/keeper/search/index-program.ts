// Adds to the index of `find` what is missing in it, or with the word `forget` takes out what is gone, and ends. The keeper starts it
// (search-indexing.ts).
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { catchUp, forgetGone } from '../../recordings/search/catch-up.ts';
import { IndexDamaged, SearchIndex } from '../../recordings/search/search-index.ts';
import { layoutOf, type Layout } from '../../wire/layout.ts';

const leastNice = 19;
/** The first process that the kernel ends when memory is short (proc(5)). */
const endedFirst = '1000';
/** How often `forget` waits a second for another program. */
const mostWaits = 10;

async function add({ searchIndex, ...places }: Layout): Promise<void> {
  using found = SearchIndex.open(searchIndex);
  await catchUp(found, places);
}

/** @throws Error when another program uses the index too long */
async function forget({ searchIndex, recordings }: Layout): Promise<void> {
  let waits = 0;
  using found = SearchIndex.open(searchIndex);
  await forgetGone(found, recordings, () => {
    if (++waits >= mostWaits) throw new Error('the index is in use');
  });
}

async function main(): Promise<void> {
  process.umask(0o077);
  const layout = layoutOf(import.meta.dirname);
  if (process.argv[2] === 'forget') return forget(layout);
  setPriority(leastNice);
  writeFileSync('/proc/self/oom_score_adj', endedFirst);
  await add(layout).catch(async (error: unknown) => {
    if (!(error instanceof IndexDamaged)) throw error;
    SearchIndex.remove(layout.searchIndex);
    await add(layout);
  });
}

await main();
