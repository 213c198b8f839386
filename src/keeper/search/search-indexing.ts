// Has the recordings that were sealed meanwhile added to the index of `find`, in the background, and what is purged or encrypted taken out
// of it at once.
//
// 1. A process of its own does it (index-program.ts), at the lowest priority and one at a time. Attack: somebody prints a gigabyte, and
//    drawing it again keeps the keeper from revoking (law 12).
// 2. Nothing that is found depends on it: `find` adds what is missing before it answers.
// 3. What is taken out is gone from the files when `forget` resolves: one that is adding is ended first, and an index that cannot be cleaned
//    is removed as a whole, since it can be made anew. Attack: a purged text is still read from the index.
// 4. A keeper that starts takes out what an earlier one did not come to. Accident: it dies between the purge and this.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeFile, syncFolder } from '../../adapters/durable.ts';
import type { Log } from '../../adapters/log.ts';
import { minute } from '../../core/time.ts';
import type { Layout } from '../../wire/layout.ts';
import { openSingleFlight } from '../concurrency/single-flight.ts';

const everyMs = 10 * minute;
/** How long `forget` may take before the index is removed instead. */
const forgetMs = minute;
const mostMegabytes = 256;
const flags = ['--disable-sigusr1', '--no-warnings', `--max-old-space-size=${mostMegabytes}`, '--v8-pool-size=1'];
/** The files of the index (sqlite.org/tempfiles.html). */
const fileEndings = ['', '-wal', '-shm', '-journal'];

export interface SearchIndexingDeps {
  readonly layout: Pick<Layout, 'programs' | 'searchIndex'>;
  readonly log: Pick<Log, 'warn'>;
}

export interface SearchIndexing {
  /** Until the signal aborts; returns at once. */
  start(stop: AbortSignal): void;
  /** Takes the texts of recordings that are not there in plain any more out of the index (rule 3). @throws Error of the file system */
  forget(): Promise<void>;
}

export function openSearchIndexing(deps: SearchIndexingDeps): SearchIndexing {
  return new IndexingByProgram(deps);
}

class IndexingByProgram implements SearchIndexing {
  readonly #deps: SearchIndexingDeps;
  readonly #once = openSingleFlight<undefined>();
  #forgetting = false;
  #adding: { readonly stop: AbortController; readonly over: Promise<unknown> } | undefined;

  constructor(deps: SearchIndexingDeps) {
    this.#deps = deps;
  }

  start(stop: AbortSignal): void {
    const failed = (error: unknown): void => {
      if (!stop.aborted) this.#deps.log.warn('not-indexed', { error });
    };
    const run = async (): Promise<void> => {
      await this.forget().catch(failed); // rule 4
      while (!stop.aborted) {
        await delay(everyMs, undefined, { signal: stop, ref: false });
        await this.#add(stop).catch(failed);
      }
    };
    void run().catch(failed);
  }

  async forget(): Promise<void> {
    await this.#once('forget', async () => {
      if (!existsSync(this.#deps.layout.searchIndex)) return undefined;
      this.#forgetting = true;
      try {
        await this.#forgetNow();
      } finally {
        this.#forgetting = false;
      }
      return undefined;
    });
  }

  /** Rule 3. */
  async #forgetNow(): Promise<void> {
    const { layout, log } = this.#deps;
    this.#adding?.stop.abort();
    await this.#adding?.over;
    try {
      await runProgram(layout.programs, ['forget'], AbortSignal.timeout(forgetMs));
    } catch (error) {
      log.warn('index-removed', { error });
      await removeIndex(layout.searchIndex);
    }
  }

  /** Not while something is taken out (rule 1). @throws Error when the program fails, unless it was ended by `forget` */
  async #add(stop: AbortSignal): Promise<void> {
    if (this.#forgetting) return;
    const stopAdding = new AbortController();
    const signal = AbortSignal.any([stop, stopAdding.signal]);
    const run = runProgram(this.#deps.layout.programs, [], signal);
    const over = run.catch(() => undefined);
    this.#adding = { stop: stopAdding, over };
    await over;
    this.#adding = undefined;
    if (!signal.aborted) await run;
  }
}

/** Runs the program once, and waits until its process is gone. @throws Error when it fails */
async function runProgram(programs: string, words: readonly string[], stop?: AbortSignal): Promise<void> {
  stop?.throwIfAborted();
  const program = join(programs, 'search.js');
  const child = spawn(process.execPath, [...flags, program, ...words], { env: {}, stdio: 'ignore' });
  const end = (): void => void child.kill('SIGKILL');
  stop?.addEventListener('abort', end);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code !== 0) throw new Error(`the indexing program ended with ${signal ?? String(code)}`);
  } finally {
    stop?.removeEventListener('abort', end);
  }
}

async function removeIndex(path: string): Promise<void> {
  for (const ending of fileEndings) await removeFile(path + ending, false);
  await syncFolder(dirname(path));
}
