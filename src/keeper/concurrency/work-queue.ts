// Places for long work: a few at once, the others wait their turn, and of each login only a few wait.

export interface QueueLimits {
  /** How many work at once, and how many places there are, waiting ones included: of everybody, and of each login. */
  readonly atOnce: number;
  readonly most: number;
  readonly mostEach: number;
}

export interface Turn {
  /** Resolves when it is their turn. @throws the reason of the signal, when that aborts first */
  readonly begun: Promise<unknown>;
  /** Gives the place up; more than once is once. */
  leave(): void;
}

export interface WorkQueue {
  /** @param login undefined for root's: never refused, and next. @returns undefined when there is no place. */
  take(login: string | undefined, signal: AbortSignal): Turn | undefined;
}

interface Waiting {
  readonly login: string | undefined;
  readonly begin: () => void;
}

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
      promise.catch(() => undefined); // whoever left before their turn hears nothing
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
