// A small process that starts programs on behalf of the large keeper.
//
// 1. fork(2) copies the page tables of its caller. In the keeper that blocks the event loop for many milliseconds, once for each
//    conversation that anybody with an accepted key opens (law 12). In a small process it takes a fraction of that.
// 2. Where the process ended, hangs or cannot be started, the caller gets undefined. The next question starts another process.
// 3. The process ends with the program that started it, however that ended, because its channel closes.
import { fork, type ChildProcess } from 'node:child_process';

/** A process that starts programs and returns their answers. */
export interface ForkServer {
  /** Asks the process. @returns the program's answer; undefined when none came in time. Never throws. */
  ask(question: readonly string[]): Promise<unknown>;
}

interface Running {
  readonly child: ChildProcess;
  readonly waiting: Map<number, (answer: unknown) => void>;
}

const smallest = ['--disable-sigusr1', '--no-warnings', '--max-semi-space-size=1', '--v8-pool-size=1'];

/**
 * Starts the process at the first question, and again after it ended.
 * @param program path of the program; it answers `{ id, question }` with `{ id, answer }` (`serveForks`).
 * @param longestMs the time for one answer, in milliseconds; a longer wait kills the process.
 */
export function openForkServer(program: string, longestMs: number): ForkServer {
  let running: Running | undefined;
  let count = 0;
  const begin = (): Running => {
    const child = fork(program, [], { execArgv: smallest, env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const mine: Running = { child, waiting: new Map() };
    const over = (): void => {
      if (running === mine) running = undefined;
      child.kill('SIGKILL');
      for (const tell of mine.waiting.values()) tell(undefined);
    };
    for (const event of ['error', 'exit', 'disconnect']) child.on(event, over);
    child.on('message', ({ id, answer }: Answer) => mine.waiting.get(id)?.(answer));
    child.unref();
    child.channel?.unref();
    return mine;
  };
  const put = async ({ child, waiting }: Running, question: readonly string[]): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers();
    const id = count++;
    waiting.set(id, resolve);
    const late = setTimeout(() => child.kill('SIGKILL'), longestMs);
    child.send({ id, question } satisfies Question, (error) => error && resolve(undefined));
    return promise.finally(() => {
      clearTimeout(late);
      waiting.delete(id);
    });
  };
  return {
    ask: async (question) => {
      try {
        return await put((running ??= begin()), question);
      } catch {
        return undefined; // no process could be made (rule 2)
      }
    },
  };
}

interface Question {
  readonly id: number;
  readonly question: readonly string[];
}

interface Answer {
  readonly id: number;
  readonly answer: unknown;
}

/** The main loop of such a program: answers until its parent is gone. It ignores the terminal's signals, which are meant for the parent. */
export function serveForks(answer: (question: readonly string[]) => Promise<unknown>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  process.once('disconnect', () => process.exit());
  process.on('message', ({ id, question }: Question) => {
    void answer(question).then((said) => process.send?.({ id, answer: said } satisfies Answer, () => undefined));
  });
}
