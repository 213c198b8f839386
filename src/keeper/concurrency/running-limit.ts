// Counts the tasks that each key (a login, a uid) has running; whoever starts a task compares the count with a limit first.
// Nobody waits here (work-queue.ts), and a place ends with its task, not at an instant (links/link-limit.ts).

/** Running tasks by key. */
export interface RunningCount<Key> {
  /** How many tasks of this key are running. */
  of(key: Key): number;
  /** Runs a task and counts it until it ends, whether it succeeds or fails. */
  run<T>(key: Key, task: () => Promise<T>): Promise<T>;
}

/** A count that starts at 0 for every key. */
export function openRunningCount<Key>(): RunningCount<Key> {
  const taken = new Map<Key, number>();
  const of = (key: Key): number => taken.get(key) ?? 0;
  return {
    of,
    run: async (key, task) => {
      taken.set(key, of(key) + 1);
      try {
        return await task();
      } finally {
        const left = of(key) - 1;
        if (left <= 0) taken.delete(key);
        else taken.set(key, left);
      }
    },
  };
}
