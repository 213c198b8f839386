// Many who want to know the same thing at once, and a question that is put as few times as is right.
//
// 1. Nobody is given the answer to a question that was put before they came. Attack: a right that was taken away a moment ago.
// 2. Of each question one is under way and one waits, however many come. Attack: a crowd at the door, a process for each of them
//    (law 12).

/** @returns the answer of a run of `ask` that began after the call. @throws what that run throws */
export type SingleFlight<T> = (question: string, ask: () => Promise<T>) => Promise<T>;

interface Run<T> {
  readonly answer: Promise<T>;
  next: Promise<T> | undefined;
}

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
