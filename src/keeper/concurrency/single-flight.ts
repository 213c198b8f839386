// Callers who ask the same question at the same time share one run of it.
//
// 1. Nobody is given an answer whose run began before they called. Attack: somebody uses a right that was taken away a moment ago.
// 2. Of each question at most one run is under way and one waits, however many callers there are. Attack: many visits at once start a
//    process each (law 12).

/**
 * @param question the key by which runs are shared.
 * @returns the answer of a run of `ask` that began after the call.
 * @throws what that run throws
 */
export type SingleFlight<T> = (question: string, ask: () => Promise<T>) => Promise<T>;

interface Run<T> {
  readonly answer: Promise<T>;
  next: Promise<T> | undefined;
}

/** A single flight with no question under way. */
export function openSingleFlight<T>(): SingleFlight<T> {
  const runs = new Map<string, Run<T>>();
  const begin = (question: string, ask: () => Promise<T>): Promise<T> => {
    const run: Run<T> = { answer: ask(), next: undefined };
    runs.set(question, run);
    const over = (): unknown => (run.next === undefined ? runs.delete(question) : undefined);
    run.answer.then(over, over);
    return run.answer;
  };
  return (question, ask) => {
    const run = runs.get(question);
    if (run === undefined) return begin(question, ask);
    const again = async (): Promise<T> => begin(question, ask);
    return (run.next ??= run.answer.then(again, again));
  };
}
