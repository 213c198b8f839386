// The keeper of a sandbox: the installed program, run as root.
import { existsSync } from 'node:fs';
import { Daemon, type Ending } from './daemon.ts';
import type { Layout } from './layout.ts';
import { accepts, untilAccepts } from './sockets.ts';

const START_MS = 15_000;

export class Keeper implements AsyncDisposable {
  readonly #layout: Layout;
  #daemon: Daemon | undefined;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  get socket(): string {
    return `${this.#layout.run}/keeper.sock`;
  }

  get pid(): number | undefined {
    return this.#daemon?.running === true ? this.#daemon.child.pid : undefined;
  }

  /** The lines that the running (or last) keeper has written to standard error. */
  get lines(): readonly string[] {
    return this.#daemon?.lines ?? [];
  }

  /** Those of the lines that are JSON, parsed. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Starts the keeper and waits until its socket accepts. @throws Error with its output when it ends first or takes too long */
  async start(): Promise<void> {
    this.launch();
    await this.waitReady();
  }

  /** Variables of its environment, beside those of every program of a sandbox: from the next start on. */
  env: Readonly<Record<string, string>> = {};

  /** Starts the keeper and does not wait. @throws Error when one is running */
  launch(): void {
    if (this.pid !== undefined) throw new Error('the keeper is running');
    this.#daemon = new Daemon('keeper', this.#layout.cgroups.sandbox, [`${this.#layout.lib}/keeper`], {
      env: this.env,
    });
  }

  /** Waits until the keeper's socket accepts. @throws Error with its output when it ends first, or after `timeoutMs` */
  async waitReady(timeoutMs = START_MS): Promise<void> {
    if (this.#daemon === undefined) throw new Error('the keeper was never started');
    const given = new AbortController();
    const late = setTimeout(() => given.abort(new Error(this.#notReady(timeoutMs))), timeoutMs);
    try {
      await this.#daemon.readyWhen(untilAccepts(this.socket, given.signal));
    } finally {
      clearTimeout(late);
      given.abort();
    }
  }

  /** Sends a signal to the keeper and does not wait; see `exit`. */
  kill(signal: NodeJS.Signals): void {
    this.#daemon?.kill(signal);
  }

  get exit(): Promise<Ending> {
    return this.#daemon?.exit ?? Promise.resolve({ code: null, signal: null });
  }

  /** Ends the keeper by SIGTERM and, after 5 seconds, SIGKILL; waits until it has ended. */
  async stop(): Promise<void> {
    if (this.pid !== undefined) await this.#daemon?.stop();
  }

  /** Whether the socket accepts now. */
  async ready(): Promise<boolean> {
    return existsSync(this.socket) && (await accepts({ path: this.socket }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #notReady(timeoutMs: number): string {
    return `the keeper does not accept after ${timeoutMs} ms:\n${this.lines.join('\n')}`;
  }
}
