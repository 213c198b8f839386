// Running other programs: argument vectors only, never a shell line.
import { spawn } from 'node:child_process';

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds, then SIGKILL. */
  readonly timeoutMs?: number;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What every program of the sandbox gets: nothing of the caller's environment. */
export const plainEnv: Readonly<Record<string, string>> = { PATH, LANG: 'C.UTF-8' };

/** Runs a program to its end, whatever that is. @throws when it cannot be started at all. */
export function outcome(file: string, args: readonly string[], options: ExecOptions = {}): Promise<Outcome> {
  const child = spawn(file, args, {
    env: { ...plainEnv, ...options.env },
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...out }));
  });
}

/** Runs a program that must succeed; its standard output. @throws with its standard error when it does not. */
export async function must(file: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await outcome(file, args, options);
  if (code !== 0) {
    throw new Error(`${[file, ...args].join(' ')}: ${signal ?? `exit ${String(code)}`}: ${stderr.trim()}`);
  }
  return stdout;
}
