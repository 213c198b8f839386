// One at a time: tasks of the same name run one after another, so that two visits never start the same session twice and two
// reviews never settle the same request at once.

export interface KeyedMutex {
  take<T>(name: string, task: () => Promise<T>): Promise<T>;
}

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
