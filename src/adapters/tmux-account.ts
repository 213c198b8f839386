// Runs programs as the session account, for a bounded time (docs/design.md, "One visit"; threats C1, H6).
//
// 1. tmux never runs as root or as a login. The process first joins its cgroup, or nothing is started. Then uid, gid and groups become
//    the session account's, without capabilities and without a way to gain any (no_new_privs). Attack: a hostile server makes its client
//    run a program, as the account of the client. `privileges: account` allows sudo's rules to the tmux server and what runs in it, never
//    to a client, whose terminal is somebody else's.
// 2. Programs are found once, in root's folders. Attack: a changed PATH.
// 3. A command that talks to a server has no terminal, is killed after a time limit, and its answer is bounded. Attack: a server that
//    hangs, or answers without end.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { SessionPolicy } from '../core/policy-types.ts';
import type { Account } from './accounts.ts';
import { begin } from './child.ts';

const trusted = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const found = new Map<string, string>();

/**
 * The absolute path of a program of the host, from root's folders (rule 2).
 * @throws Error when it is missing, or others than root can write it.
 */
export function program(name: 'sh' | 'setpriv' | 'tmux' | 'rm'): string {
  const known = found.get(name);
  if (known !== undefined) return known;
  const path = trusted.map((folder) => `${folder}/${name}`).find(isRoots);
  if (path === undefined) throw new Error(`${name} is not installed`);
  found.set(name, path);
  return path;
}

function isRoots(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.uid === 0 && (stats.mode & 0o022) === 0;
}

/** Exit status 71 (sysexits.h, EX_OSERR): the cgroup could not be joined, so nothing was started. */
const join = `${begin('022')}echo 0 > "$1" || exit 71; shift; exec "$@"`;

/**
 * The argument vector that joins a cgroup and becomes an account, for tmux servers and clients (rule 1).
 * @param procsFile the cgroup.procs of that cgroup.
 * @throws Error when the account is root, or a program is missing.
 */
export function asAccount(
  account: Pick<Account, 'uid' | 'gid'>,
  procsFile: string,
  argv: readonly string[],
  privileges: SessionPolicy['privileges'] = 'none',
): string[] {
  if (account.uid <= 0 || account.gid <= 0) throw new Error('root is no session account');
  const { uid, gid } = account;
  const step = ['--reuid', String(uid), '--regid', String(gid), '--init-groups'];
  const bare = ['--inh-caps=-all', '--ambient-caps=-all'];
  const forGood = privileges === 'none' ? ['--no-new-privs', '--bounding-set=-all'] : [];
  return [program('sh'), '-c', join, 'sh', procsFile, program('setpriv'), ...step, ...bare, ...forGood, ...argv];
}

/** How a program ended. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it printed on stderr, at most 4 KiB: hostile text. */
  readonly said: string;
}

type Child = ChildProcessByStdio<null, null, Readable>;

const answerLimit = 4096;
const drainMs = 50;

/**
 * Runs a program (rule 3). Resolves when it has exited, even if another process still holds its pipes.
 * @param limitMs milliseconds until SIGKILL.
 * @throws Error when it cannot be started.
 */
export async function run(argv: readonly string[], env: Record<string, string>, limitMs: number): Promise<Outcome> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  // Listened to first: without free descriptors the child has no pipes, and an 'error' that nobody listens to ends the program.
  const exit = exitOf(child);
  exit.catch(() => undefined);
  const answer = gather(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    const [code, signal] = await exit;
    if (code !== 0) await drained(child);
    return { code, signal, said: answer() };
  } finally {
    clearTimeout(timer);
    child.stderr.destroy();
  }
}

function exitOf(child: Child): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve([code, signal]));
  });
}

/** Waits a moment for output that was written before the exit, but not for another process that holds the pipe open. */
function drained({ stderr }: Child): Promise<void> {
  if (stderr.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, drainMs);
    stderr.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Keeps the first 4 KiB of stderr and drops the rest. */
function gather({ stderr }: Child): () => string {
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text.slice(0, answerLimit - said.length);
  });
  stderr.on('error', () => undefined);
  return () => said;
}
