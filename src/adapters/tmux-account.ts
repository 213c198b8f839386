// How a program becomes the session account, and runs for a bounded time (docs/design.md, "One visit"; threats C1, H6).
//
// 1. tmux never runs as root or as a login: first the fence is joined, or nothing starts; then uid, gid and groups become the
//    session account's, without capabilities and without a way back to any (no_new_privs). Attack: a hostile server makes
//    its client run a program, as whoever the client is. `privileges: account` leaves the way back open to the tmux server
//    and what runs in it, where sudo's rules then hold; never to a client, whose terminal is somebody else's.
// 2. Programs are found once, in root's folders. Attack: a PATH.
// 3. What talks to a server has no terminal, a time limit that ends in SIGKILL, and a bounded answer. Attack: a server that
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
 * Rule 2: the absolute path of a program of the host.
 * @throws Error when it is missing, or not root's.
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

/** Status 71 (sysexits.h, EX_OSERR): the fence could not be joined, so nothing was started. */
const join = `${begin('022')}echo 0 > "$1" || exit 71; shift; exec "$@"`;

/** Rule 1. The argument vector that joins a fence and becomes an account, for tmux's server and its clients. */
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

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said on stderr, at most 4 KiB: hostile text. */
  readonly said: string;
}

type Child = ChildProcessByStdio<null, null, Readable>;

const answerLimit = 4096;
const drainMs = 50;

/**
 * Rule 3. Resolves when the program has exited, whoever else still holds its pipes.
 * @param limitMs milliseconds until SIGKILL.
 * @throws Error when it cannot be started.
 */
export async function run(argv: readonly string[], env: Record<string, string>, limitMs: number): Promise<Outcome> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  // Heard before anything else is done: without descriptors a child has no pipes, and its error ends whoever does not listen.
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

/** What was said before the exit is still on its way for a moment; who holds the pipe open is not waited for. */
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

/** Keeps the first 4 KiB and lets the rest go by. */
function gather({ stderr }: Child): () => string {
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text.slice(0, answerLimit - said.length);
  });
  stderr.on('error', () => undefined);
  return () => said;
}
