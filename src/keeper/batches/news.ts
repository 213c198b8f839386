// Who waits for something to happen to a batch or to one of its requests. Events are hints: whoever is told looks at the store.

/** Passes on that something happened. */
export interface BatchNews {
  /** An event about a batch or a request came. */
  give(id: string): void;
  /**
   * Resolves a moment after something happens to one of these ids, since all hosts of a fleet answer at about the same time and each look reads
   * all of them; when the signal aborts; or after `limitMs`, since an event can be lost.
   */
  next(ids: readonly string[], signal: AbortSignal, limitMs: number): Promise<void>;
}

/** Milliseconds from the first event to who waits. */
export const gatherMs = 50;

/** Nobody waits yet. */
export function openBatchNews(): BatchNews {
  const waiting = new Set<{ readonly ids: ReadonlySet<string>; readonly tell: () => void }>();
  return {
    give: (id) => waiting.forEach(({ ids, tell }) => (ids.has(id) ? tell() : undefined)),
    next: async (ids, signal, limitMs) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const tell = (): void => resolve(undefined);
      const waits = { ids: new Set(ids), tell: () => void setTimeout(tell, gatherMs) };
      waiting.add(waits);
      const late = setTimeout(tell, limitMs);
      signal.addEventListener('abort', tell, { once: true });
      if (signal.aborted) tell();
      await promise;
      clearTimeout(late);
      signal.removeEventListener('abort', tell);
      waiting.delete(waits);
    },
  };
}
