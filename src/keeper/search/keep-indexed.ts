// Has the recordings that were sealed meanwhile added to the index of `find`, in the background.
//
// 1. A process of its own does it (index-program.ts), at the lowest priority and one at a time. Attack: somebody prints a gigabyte, and
//    drawing it again keeps the keeper from revoking (law 12).
// 2. Nothing depends on it: `find` adds what is missing before it answers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../adapters/log.ts';
import { minute } from '../../core/time.ts';
import type { Layout } from '../../wire/layout.ts';

const everyMs = 10 * minute;
const mostMegabytes = 256;
const flags = ['--disable-sigusr1', '--no-warnings', `--max-old-space-size=${mostMegabytes}`, '--v8-pool-size=1'];

/** Until the signal aborts; returns at once. */
export function keepIndexed({ layout, log }: { readonly layout: Layout; readonly log: Log }, stop: AbortSignal): void {
  const run = async (): Promise<void> => {
    while (!stop.aborted) {
      await delay(everyMs, undefined, { signal: stop, ref: false });
      await indexOnce(layout.programs, stop).catch((error: unknown) => log.warn('not-indexed', { error }));
    }
  };
  void run().catch(() => undefined); // the signal's reason
}

/** Runs the program once. @throws Error when it fails */
async function indexOnce(programs: string, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const program = join(programs, 'search.js');
  const child = spawn(process.execPath, [...flags, program], { env: {}, stdio: 'ignore', signal: stop });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`the indexing program ended with ${signal ?? String(code)}`);
}
