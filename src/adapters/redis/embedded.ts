// A private redis-server for a single host, started and watched by the keeper.
//
// 1. It is reached through a Unix socket in a folder that only the service account and root can enter; it has no port.
// 2. It runs as the service account, without capabilities and unable to gain any, with an environment of its own.
// 3. It dies with the keeper (PR_SET_PDEATHSIG), and is one: before a start, an instance that a killed keeper left is ended and
//    awaited, since two writers would ruin the append-only file. Which process that is, root wrote down beside the folder: a
//    file of the service account's could name any process for root to signal.
// 4. When it dies it is started again, ever more slowly. Commands fail meanwhile; nothing waits for it (threat M16).
// 5. Every wait for it is bounded: a server that does not end, or a child of its that holds its output open, holds up neither the
//    keeper's start nor its stop. A program that is not installed is named.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, constants, mkdir, readFile, rm } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { minute, second } from '../../core/time.ts';
import { begin } from '../child.ts';
import { endProcess, note } from './process.ts';

export interface EmbeddedOptions {
  /** The folder of the socket. Its parent belongs to root and can be passed by the service account. */
  readonly run: string;
  /** The folder of the data; the same holds for its parent. */
  readonly data: string;
  /** The service account. */
  readonly uid: number;
  readonly gid: number;
  /** What redis-server says, line by line. */
  readonly onLine?: (line: string) => void;
  /** That it died, or cannot be started. */
  readonly onProblem?: (error: Error) => void;
}

export interface Embedded extends AsyncDisposable {
  /** For openBoard: `unix:` and the path of the socket. */
  readonly url: string;
  /** Of the server that runs now. */
  readonly pid: number | undefined;
  /** Resolves when the server accepts connections: now, or after its next start. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** Ends the server in order: what it was told is on disk then. */
  close(): Promise<void>;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const slowestRestart = 5 * second;
/** A server that ran this long was no failed start. */
const steady = minute;
/** How long an orderly end may take before the server is killed, and a killed one to be gone. */
const patience = 5 * second;
/** How long what it said last is waited for once it has ended. */
const lastWords = second;

/**
 * Starts the server. It returns once the first start was tried: what fails later, or at once, is tried again.
 * @throws Error when the folders cannot be made or an older instance cannot be ended.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const server = new Server(options);
  await server.prepare();
  server.start();
  const close = (): Promise<void> => server.close();
  return {
    url: `unix:${encodeURI(socketOf(options))}`,
    get pid() {
      return server.pid;
    },
    ready: (signal) => server.ready(signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

class Server {
  readonly #options: EmbeddedOptions;
  readonly #ended = new AbortController();
  #child: ChildProcess | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #isReady = false;
  #ready = Promise.withResolvers<undefined>();

  constructor(options: EmbeddedOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async prepare(): Promise<void> {
    const { run, data, uid, gid } = this.#options;
    for (const folder of [run, data]) await ownFolder(folder, uid, gid);
    await endLeftover(noteOf(this.#options), uid);
  }

  start(): void {
    this.#supervision = this.#supervise();
  }

  async ready(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    try {
      signal.throwIfAborted();
      await Promise.race([this.#ready.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    this.#ended.abort();
    if (this.#child !== undefined) await end(this.#child);
    await this.#supervision;
    await rm(noteOf(this.#options), { force: true });
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#ended;
    // A function, since close() may come during any await: narrowing would remember that it had not.
    const over = (): boolean => signal.aborted;
    for (let failures = 0; !over(); failures++) {
      const started = performance.now();
      const missing = await missingProgram();
      if (over()) return;
      const problem = missing ?? `the embedded redis-server ended: ${await this.#runOnce()}`;
      if (over()) return;
      if (performance.now() - started > steady) failures = 0;
      this.#options.onProblem?.(new Error(problem));
      const pause = Math.min(100 * 2 ** Math.min(failures, 10), slowestRestart);
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns how the server ended. */
  async #runOnce(): Promise<string> {
    const child = launch(this.#options);
    this.#child = child;
    const exited = exitOf(child);
    const outputs = [child.stdout, child.stderr].filter((output) => output !== null);
    const readers = outputs.map((input) => createInterface({ input }));
    const heard = Promise.allSettled(readers.map(async (reader) => this.#listen(reader)));
    try {
      if (child.pid !== undefined) await note(noteOf(this.#options), child.pid);
      child.stdin?.end(configOf(this.#options));
      return await exited;
    } catch (error) {
      await end(child);
      return error instanceof Error ? error.message : 'its process cannot be noted';
    } finally {
      this.#child = undefined;
      const enough = setTimeout(() => readers.forEach((reader) => reader.close()), lastWords); // rule 5
      await heard;
      clearTimeout(enough);
      for (const output of outputs) output.destroy();
      if (this.#isReady) this.#ready = Promise.withResolvers();
      this.#isReady = false;
    }
  }

  /** redis-server says when it has read its data and listens; there is no other event for it. */
  async #listen(output: Interface): Promise<void> {
    for await (const line of output) {
      if (/ready to accept connections/i.test(line)) this.#nowReady();
      this.#options.onLine?.(line);
    }
  }

  #nowReady(): void {
    this.#isReady = true;
    this.#ready.resolve(undefined);
  }
}

const socketOf = ({ run }: EmbeddedOptions): string => `${run}/sock`;
const noteOf = ({ run }: EmbeddedOptions): string => `${run}.pid`;

/** Rule 1. The parent is root's, so nobody can have put a link in the folder's place. */
async function ownFolder(folder: string, uid: number, gid: number): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await chown(folder, uid, gid);
  await chmod(folder, 0o700);
}

/** Rule 2. `--port 0` once more, so that a configuration that never arrives opens no port either. */
function launch({ uid, gid }: EmbeddedOptions): ChildProcess {
  const drop = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--no-new-privs', '--inh-caps=-all'];
  const server = ['setpriv', ...drop, '--pdeathsig', 'TERM', 'redis-server', '--port', '0', '-'];
  const child: ChildProcess = spawn('/bin/sh', ['-c', `${begin('077')}exec "$@"`, 'sh', ...server], {
    cwd: '/',
    env: { PATH: path, LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Without descriptors it has no pipes.
  child.stdin?.on('error', () => undefined); // it ended before it read; its exit tells
  return child;
}

/** Paths come from the layout; quoting is for a prefix with a space in it (redis.conf). */
function configOf(options: EmbeddedOptions): string {
  return [
    'port 0',
    `unixsocket ${JSON.stringify(socketOf(options))}`,
    'unixsocketperm 600',
    'protected-mode yes',
    `dir ${JSON.stringify(options.data)}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory 256mb',
    'maxmemory-policy noeviction',
    'databases 1',
    'daemonize no',
    'logfile ""',
    '',
  ].join('\n');
}

/** Not 'close': whoever inherited its output would keep that away (rule 5). */
function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), patience);
  const givenUp = new AbortController();
  await Promise.race([exit, delay(2 * patience, undefined, { signal: givenUp.signal })]);
  givenUp.abort();
  clearTimeout(impatient);
}

/** Rule 5: which program is not there, and what to do; undefined when all are. */
async function missingProgram(): Promise<string | undefined> {
  for (const [program, cure] of [
    [
      'redis-server',
      'apt-get install redis-server, then systemctl disable --now redis-server, or name another Redis (redis:)',
    ],
    ['setpriv', 'apt-get install util-linux'],
  ] as const) {
    if (!(await isInstalled(program))) return `no program ${program} in ${path}: ${cure}`;
  }
  return undefined;
}

async function isInstalled(program: string): Promise<boolean> {
  const places = path.split(':').map(async (folder) => access(`${folder}/${program}`, constants.X_OK));
  return (await Promise.allSettled(places)).some(({ status }) => status === 'fulfilled');
}

/** Rule 3. */
async function endLeftover(file: string, uid: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, pid, start] = /^([1-9]\d*) (\d+)$/.exec(text.trim()) ?? [];
  if (pid !== undefined) await endProcess({ pid: Number(pid), start: Number(start) }, uid, patience);
  await rm(file, { force: true });
}
