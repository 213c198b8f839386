// A mutex for each name: tasks of the same name run one after another, in the order in which they came. So two visits never start the same
// session twice, and two reviews never settle the same request at the same time.

/** Runs tasks of the same name one after another. */
export interface KeyedMutex {
  /** @returns what the task returns, once all earlier tasks of this name have ended. @throws what the task throws */
  take<T>(name: string, task: () => Promise<T>): Promise<T>;
}

/** A mutex that holds nothing yet. A task that fails does not stop the next one. */
export function openKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return {
    take: async (name, task) => {
      const before = last.get(name) ?? Promise.resolve();
      const mine = before.then(task, task);
      last.set(name, mine);
      try {
        return await mine;
      } finally {
        if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}
