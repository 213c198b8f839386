// A queue for long work: a few tasks work at once, the others wait for their turn, and each login may have only a few in the queue.
// Order and turns are what a count alone (running-limit.ts) does not have.

/** Limits of a queue, as numbers of tasks. */
export interface QueueLimits {
  /** How many work at once. */
  readonly atOnce: number;
  /** How many may be in the queue, working or waiting: of everybody together, and of each login. */
  readonly most: number;
  readonly mostEach: number;
}

/** One task's place in the queue. */
export interface Turn {
  /** Resolves when the task may start. @throws the reason of the signal, when that aborts first */
  readonly begun: Promise<unknown>;
  /** Gives up the place, whether the task works or waits. Calling it again does nothing. */
  leave(): void;
}

/** A queue with places for long work. */
export interface WorkQueue {
  /** @param login undefined for root, who is never refused and goes first. @returns undefined when there is no place. */
  take(login: string | undefined, signal: AbortSignal): Turn | undefined;
}

interface Waiting {
  readonly login: string | undefined;
  readonly begin: () => void;
}

/** An empty queue with these limits. */
export function openWorkQueue({ atOnce, most, mostEach }: QueueLimits): WorkQueue {
  const taken = new Set<Waiting>();
  const working = new Set<Waiting>();
  const next = (): void => {
    const waiting = [...taken].filter((one) => !working.has(one));
    const first = waiting.find(({ login }) => login === undefined) ?? waiting[0];
    if (first === undefined || working.size >= atOnce) return;
    working.add(first);
    first.begin();
  };
  return {
    take: (login, signal) => {
      const theirs = [...taken].filter((one) => one.login === login).length;
      if (login !== undefined && (theirs >= mostEach || taken.size >= most)) return undefined;
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const place: Waiting = { login, begin: () => resolve(undefined) };
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      promise.catch(() => undefined); // a caller who left no longer awaits it: without this, an unhandled rejection
      taken.add(place);
      next();
      return {
        begun: promise,
        leave: () => {
          signal.removeEventListener('abort', stop);
          taken.delete(place);
          working.delete(place);
          next();
        },
      };
    },
  };
}
