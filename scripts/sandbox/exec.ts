// Runs other programs, with argument lists and never with a shell.
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
  /** Milliseconds until SIGKILL. */
  readonly timeoutMs?: number;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of every program of the sandbox; nothing of the caller's is passed on. */
export const plainEnv: Readonly<Record<string, string>> = { PATH, LANG: 'C.UTF-8' };

/** Runs a program to its end, whatever its exit code. @throws Error when it cannot be started */
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

/** Runs a program that must succeed. @returns its standard output. @throws Error with its standard error when it fails */
export async function must(file: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await outcome(file, args, options);
  if (code !== 0) {
    throw new Error(`${[file, ...args].join(' ')}: ${signal ?? `exit ${String(code)}`}: ${stderr.trim()}`);
  }
  return stdout;
}
