// Several tasks over one keeper in memory, each stopped at every step that leaves the keeper, and let go in an order that a test chooses.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pause } from './fakes.ts';

interface Stopped {
  readonly task: string;
  readonly step: string;
  readonly go: () => void;
}

/** Which of the stopped tasks goes on. @param at how many steps were made before. */
export type Choose = (stopped: readonly string[], at: number) => string;

export interface Interleaver {
  readonly pause: Pause;
  /** @returns what each task came to, and the steps as they were made. */
  run(tasks: Readonly<Record<string, () => Promise<unknown>>>, choose: Choose): Promise<readonly string[]>;
}

export function openInterleaver(): Interleaver {
  const running = new AsyncLocalStorage<string>();
  const stopped: Stopped[] = [];
  const pause: Pause = async (step) => {
    const task = running.getStore();
    if (task === undefined) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    stopped.push({ task, step, go: () => resolve(undefined) });
    await promise;
  };
  const run: Interleaver['run'] = async (tasks, choose) => {
    const made: string[] = [];
    const begun = Object.entries(tasks).map(([task, act]) =>
      running.run(task, async () => {
        await pause('begins');
        await act();
      }),
    );
    const tail = { isDone: false };
    void Promise.allSettled(begun).then(() => (tail.isDone = true));
    for (;;) {
      await new Promise(setImmediate);
      if (stopped.length === 0 && tail.isDone) return made;
      if (stopped.length === 0) throw new Error(`nobody goes on after ${made.join(', ')}`);
      const names = [...new Set(stopped.map(({ task }) => task))];
      const task = choose(names, made.length);
      const at = Math.max(
        0,
        stopped.findIndex((one) => one.task === task),
      );
      const [next] = stopped.splice(at, 1);
      made.push(`${next?.task ?? ''}: ${next?.step ?? ''}`);
      next?.go();
    }
  };
  return { pause, run };
}

/** The first goes on until it has made so many steps, then the second as far as it can, then the rest. */
export function switchAfter(first: string, steps: number): Choose {
  let left = steps;
  return (names) => {
    const wanted = names.find((name) => (left > 0 ? name === first : name !== first)) ?? names[0] ?? '';
    if (wanted === first) left -= 1;
    return wanted;
  };
}

/** Turns by a small generator (Numerical Recipes, ranqd1), so that a failure can be run again. */
export function byChance(seed: number): Choose {
  let state = seed >>> 0;
  return (names) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return names[(state >>> 16) % names.length] ?? '';
  };
}
