// Runs a program of the policy that answers a question.
//
// 1. It runs as the service account, which owns no secret, without a shell, without a way to gain rights (no_new_privs), and with a fixed
//    environment. Attack: the program reads what others write (a calendar, a ticket), and a bug in it lets them run code.
// 2. Only root can have written the program and the files that its arguments name; this is checked before each run (config/safety.ts).
//    Attack: whoever can replace it names approvers.
// 3. Its time and output are limited, and its process group is killed with it. Attack: a program that hangs, or prints without end,
//    delays every visit.
// 4. Its stderr is discarded, because it may quote a secret (law 11).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { checkCommand } from '../../config/safety.ts';
import type { Account } from '../accounts.ts';
import { begin } from '../child.ts';

/** The longest answer of a program or a URL, in bytes. */
export const answerLimit = 64 * 1024;

const [sh, setpriv] = ['/bin/sh', '/usr/bin/setpriv'];
const env = { PATH: '/usr/bin:/bin', LANG: 'C' };

/**
 * Runs a program and returns what it printed (rules 1 to 4).
 * @param input for its stdin.
 * @param limitMs its time limit in milliseconds.
 * @throws Error with a message of ours.
 */
export async function askProgram(
  command: readonly string[],
  account: Pick<Account, 'uid' | 'gid'>,
  input: string | undefined,
  limitMs: number,
): Promise<Buffer> {
  await checkCommand(command);
  const { uid, gid } = account;
  if (uid <= 0 || gid <= 0) throw new Error('root runs no program of others');
  const who = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups'];
  const bare = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--ambient-caps=-all'];
  const child = spawn(sh, ['-c', `${begin('077')}exec "$@"`, 'sh', setpriv, ...who, ...bare, '--', ...command], {
    ...{ cwd: '/', env, detached: true },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.once('error', () => undefined);
  // Without free descriptors it has neither process nor pipes.
  if (child.pid === undefined) throw new Error('it cannot be started');
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limitMs);
  try {
    return await answer(child, input, late.signal);
  } finally {
    clearTimeout(timer);
    // After its exit was collected, its pid may belong to another process.
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    child.stdout.destroy();
  }
}

type Asked = ReturnType<typeof spawn> & {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
};

async function answer(child: Asked, input: string | undefined, signal: AbortSignal): Promise<Buffer> {
  child.stdin.on('error', () => undefined); // the program need not read its input
  child.stdin.end(input ?? '');
  const said: Buffer[] = [];
  const full = new AbortController();
  let size = 0;
  child.stdout.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= answerLimit) said.push(piece);
    else full.abort();
  });
  // A child that it left behind in its group would keep the pipe open.
  child.once('exit', () => killGroup(child));
  const [code] = (await once(child, 'close', { signal: AbortSignal.any([signal, full.signal]) }).catch(() => {
    if (full.signal.aborted) throw new Error(`it said more than ${answerLimit} bytes`);
    throw new Error(signal.aborted ? 'no answer in time' : 'it cannot be started');
  })) as [number | null];
  if (size > answerLimit) throw new Error(`it said more than ${answerLimit} bytes`);
  if (code !== 0) throw new Error(code === null ? 'it was ended by a signal' : `exit status ${code}`);
  return Buffer.concat(said);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the group has no process left
  }
}
