// Runs a program as a person would: on a terminal (a pty and a screen), or with pipes.
import { spawn as spawnPiped } from 'node:child_process';
import { spawn as spawnOnPty } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { runsOf, type Run } from './runs.ts';
import { Transcript } from './transcript.ts';

export interface TerminalOptions {
  /** On a pty (default) or with pipes. */
  readonly tty?: boolean;
  readonly cols?: number;
  readonly rows?: number;
  readonly term?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TerminalExit {
  readonly code: number | null;
  readonly signal: string | number | null;
}

/** The running program. */
interface Line {
  readonly pid: number;
  readonly exit: Promise<TerminalExit>;
  write(text: string): void;
  resize(cols: number, rows: number): void;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
}

export class Terminal implements AsyncDisposable {
  readonly exit: Promise<TerminalExit>;
  readonly #line: Line;
  readonly #screen: xterm.Terminal;
  readonly #both = new Transcript();
  #stdout = '';
  #stderr = '';

  constructor(file: string, args: readonly string[], options: TerminalOptions = {}) {
    const { cols = 100, rows = 30, tty = true } = options;
    this.#screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, convertEol: !tty });
    const program = { file, args, env: { ...options.env, TERM: options.term ?? 'xterm-256color' } };
    const receive = (text: string, error: boolean) => this.#receive(text, error);
    this.#line = tty ? onPty(program, cols, rows, receive) : onPipes(program, receive);
    // The screen answers questions about its type and cursor position, as terminals do; tmux asks them.
    if (tty) this.#screen.onData((answer) => this.#line.write(answer));
    this.exit = this.#line.exit;
    void this.exit.then(() => this.#both.end());
  }

  #receive(text: string, error: boolean): void {
    if (error) this.#stderr += text;
    else this.#stdout += text;
    this.#screen.write(text);
    this.#both.append(text);
  }

  get pid(): number {
    return this.#line.pid;
  }

  /** All output so far, raw: both streams in the order of arrival. */
  get text(): string {
    return this.#both.text;
  }

  /** With pipes: standard output only. On a pty: all output. */
  get stdout(): string {
    return this.#stdout;
  }

  /** With pipes: standard error only. On a pty: nothing. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for a pattern in the output after the last match. @throws Error after `timeoutMs` (60 s), or when the program has ended */
  until(pattern: string | RegExp, { timeoutMs = 60_000 } = {}): Promise<RegExpExecArray> {
    return this.#both.until(pattern, timeoutMs);
  }

  /** Waits for the end of the program. @throws Error with its output after `timeoutMs` (60 s) */
  async ended({ timeoutMs = 60_000 } = {}): Promise<TerminalExit> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`still running: ${this.text.slice(-2000)}`)), timeoutMs);
    return Promise.race([this.exit, late.promise]).finally(() => clearTimeout(timer));
  }

  /** The rows of the screen as it is now, without trailing blanks. */
  async screen(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
    );
  }

  /** The same with its colours: each row as runs of cells that look alike. */
  async picture(): Promise<readonly (readonly Run[])[]> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, row) => runsOf(active.getLine(active.viewportY + row)));
  }

  /** The modes of the terminal as they are now. */
  async modes(): Promise<xterm.IModes & { readonly alternateScreen: boolean }> {
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    return { ...this.#screen.modes, alternateScreen: this.#screen.buffer.active.type === 'alternate' };
  }

  /** Types a text. Enter is '\r' on a pty. */
  type(text: string): void {
    this.#line.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.#line.resize(cols, rows);
  }

  /** With pipes: end of input. On a pty: nothing. */
  endInput(): void {
    this.#line.endInput();
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#line.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exit;
    this.#screen.dispose();
  }
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
type Receive = (text: string, error: boolean) => void;

function onPty({ file, args, env }: Program, cols: number, rows: number, receive: Receive): Line {
  const pty = spawnOnPty(file, [...args], { name: env['TERM'] ?? 'dumb', cols, rows, env, cwd: '/' });
  pty.onData((text) => receive(text, false));
  let ended = false;
  const exit = new Promise<TerminalExit>((resolve) => {
    pty.onExit(({ exitCode, signal = 0 }) => {
      ended = true;
      resolve({ code: signal === 0 ? exitCode : null, signal: signal === 0 ? null : signal });
    });
  });
  const alive = (act: () => void) => () => {
    if (!ended) act();
  };
  return {
    pid: pty.pid,
    exit,
    write: (text) => alive(() => pty.write(text))(),
    resize: (c, r) => alive(() => pty.resize(c, r))(),
    endInput: () => undefined,
    kill: (signal) => alive(() => pty.kill(signal))(),
  };
}

function onPipes({ file, args, env }: Program, receive: Receive): Line {
  const child = spawnPiped(file, args, { env, cwd: '/' });
  child.stdout.setEncoding('utf8').on('data', (text: string) => receive(text, false));
  child.stderr.setEncoding('utf8').on('data', (text: string) => receive(text, true));
  child.stdin.on('error', () => undefined); // raised when the program has ended
  return {
    pid: child.pid ?? -1,
    exit: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
    write: (text) => void child.stdin.write(text),
    resize: () => undefined,
    endInput: () => child.stdin.end(),
    kill: (signal) => void child.kill(signal),
  };
}
