// How many of somebody's tasks run at once: each takes a place for as long as it runs, however it ends.

export interface RunningCount<Key> {
  /** How many run. */
  of(key: Key): number;
  run<T>(key: Key, task: () => Promise<T>): Promise<T>;
}

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
