// A long-running child process of the sandbox, in the sandbox's cgroup.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { joining } from './cgroup.ts';
import { plainEnv } from './exec.ts';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Daemon {
  readonly name: string;
  readonly child: ChildProcess;
  /** The lines of its standard error so far. */
  readonly lines: string[] = [];
  readonly exit: Promise<Ending>;
  #ended = false;

  constructor(
    name: string,
    cgroup: string,
    argv: readonly [string, ...string[]],
    { ipc = false, env = {} }: { readonly ipc?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
  ) {
    this.name = name;
    const [shell, ...join] = joining(cgroup);
    const stdio: ('ignore' | 'pipe' | 'ipc')[] = ['ignore', 'ignore', 'pipe', ...(ipc ? (['ipc'] as const) : [])];
    this.child = spawn(shell, [...join, ...argv], { env: { ...plainEnv, ...env }, cwd: '/', stdio });
    const { stderr } = this.child;
    if (stderr !== null) createInterface(stderr).on('line', (line) => this.lines.push(line));
    this.exit = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', (code, signal) => {
        this.#ended = true;
        resolve({ code, signal });
      });
    });
    this.exit.catch(() => undefined); // reported to those who await it
  }

  get running(): boolean {
    return !this.#ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** SIGTERM, then SIGKILL after `graceMs`; resolves when the process has ended. */
  async stop(graceMs = 5_000): Promise<Ending> {
    const hammer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    this.child.kill('SIGTERM');
    try {
      return await this.exit;
    } finally {
      clearTimeout(hammer);
    }
  }

  /** Resolves with `ready`; rejects with the process' output if the process ends first. */
  async readyWhen<T>(ready: Promise<T>): Promise<T> {
    const early = this.exit.then(({ code, signal }): never => {
      throw new Error(`${this.name} ended (${signal ?? String(code)}):\n${this.lines.join('\n')}`);
    });
    return Promise.race([ready, early]);
  }
}
