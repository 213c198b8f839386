// OpenSSH's client on a terminal, measured with as little work as possible: this process shares the machine with what it measures, so
// no screen is kept and only the end of the output is searched.
import { spawn } from '@lydell/node-pty';
import { setTimeout as delay } from 'node:timers/promises';
import { plainEnv } from '../sandbox/exec.ts';

const humanMs = 20;
const patienceMs = 2_000;
const kept = 8 * 1024;

/** When something was seen: instant, and monotonic clock, both in milliseconds. */
export interface Moment {
  readonly at: number;
  readonly mono: number;
}

const moment = (): Moment => ({ at: Date.now(), mono: performance.now() });

export interface Seen extends Moment {
  readonly match: RegExpExecArray;
}

interface Wait {
  readonly pattern: RegExp;
  readonly found: (seen: Seen) => void;
  readonly failed: (why: string) => void;
}

export class Client {
  /** Just before the program was started. */
  readonly started: Moment;
  readonly exit: Promise<Moment>;
  readonly #pty: ReturnType<typeof spawn>;
  #tail = '';
  #ended = false;
  #wait: Wait | undefined;

  constructor(args: readonly string[]) {
    const env = { ...plainEnv, TERM: 'xterm-256color' };
    this.started = moment();
    this.#pty = spawn('ssh', [...args], { name: env.TERM, cols: 100, rows: 30, env, cwd: '/', encoding: null });
    (this.#pty.onData as unknown as (hear: (bytes: Buffer) => void) => void)((bytes) => this.#hear(bytes));
    this.exit = new Promise((resolve) => {
      this.#pty.onExit(() => {
        this.#ended = true;
        resolve(moment());
        this.#wait?.failed('ssh ended');
      });
    });
  }

  #hear(bytes: Buffer): void {
    this.#tail += bytes.toString('latin1');
    this.#look();
    if (this.#tail.length > kept) this.#tail = this.#tail.slice(-kept);
  }

  #look(): void {
    const wait = this.#wait;
    const match = wait?.pattern.exec(this.#tail) ?? undefined;
    if (wait === undefined || match === undefined) return;
    this.#tail = this.#tail.slice(match.index + match[0].length);
    this.#wait = undefined;
    wait.found({ ...moment(), match });
  }

  /**
   * Waits for a pattern in the output after the last match. One wait at a time.
   * @param pattern without the flags g and y.
   * @throws Error after `timeoutMs`, or when ssh ends.
   */
  async until(pattern: RegExp, timeoutMs = 20_000): Promise<Seen> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Seen>((found, reject) => {
        const failed = (why: string): void =>
          reject(new Error(`${why} before ${String(pattern)}: ${JSON.stringify(this.#tail.slice(-600))}`));
        timer = setTimeout(() => failed(`${timeoutMs} ms went by`), timeoutMs);
        this.#wait = { pattern, found, failed };
        this.#look();
        if (this.#ended) failed('ssh ended');
      });
    } finally {
      this.#wait = undefined;
      clearTimeout(timer);
    }
  }

  type(text: string): void {
    if (!this.#ended) this.#pty.write(text);
  }

  /** Detaches by keys, up to five times, since tmux may take the keys for pasted text. @throws Error when that does not help */
  async leave(): Promise<Moment> {
    for (let tries = 0; tries < 5; tries++) {
      // tmux takes keys within a millisecond of each other for pasted text (assume-paste-time), which is no command.
      for (const key of ['\u0002', 'd']) {
        await delay(humanMs);
        this.type(key);
      }
      const left = await Promise.race([this.exit, delay(patienceMs)]);
      if (left !== undefined) return left;
    }
    throw new Error(`does not detach: ${JSON.stringify(this.#tail.slice(-600))}`);
  }
}
