// A private redis-server for a single host, which the keeper starts and supervises.
//
// 1. It listens on a Unix socket, in a folder that only the service account and root can enter. It has no port. Attack: another account
//    of the host writes to it.
// 2. It runs as the service account, without capabilities and unable to gain any, with an environment of its own.
// 3. It ends with the keeper (PR_SET_PDEATHSIG). Before a start, an instance that a killed keeper left is ended and awaited, because two
//    writers would ruin the append-only file. Its pid and start time are in a file of root beside the folder. Attack: in a file of the
//    service account, they could name any process for root to signal.
// 4. When it ends, it is started again, with growing pauses. Commands fail meanwhile, and nothing waits for it (threat M16).
// 5. Every wait for it is bounded. Accident: a server that does not end, or a child that holds its output open, delays the keeper's start
//    or stop. A program that is not installed is named.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, constants, mkdir, readFile, rm } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { minute, second } from '../../core/time.ts';
import { begin } from '../child.ts';
import { endProcess, note } from './process.ts';

/** How the server is started. */
export interface EmbeddedOptions {
  /** The folder of the socket. Its parent belongs to root, and the service account can pass through it. */
  readonly run: string;
  /** The folder of the data. Its parent is like the other. */
  readonly data: string;
  /** The service account. */
  readonly uid: number;
  readonly gid: number;
  /** Called with each line that redis-server prints. */
  readonly onLine?: (line: string) => void;
  /** Called when it ended, or could not be started. */
  readonly onProblem?: (error: Error) => void;
}

/** The supervised server. */
export interface Embedded extends AsyncDisposable {
  /** The address for openStore: `unix:` and the path of the socket. */
  readonly url: string;
  /** The pid of the server that runs now; undefined when none does. */
  readonly pid: number | undefined;
  /** Resolves when the server accepts connections: now, or after its next start. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** Ends the server in order, so that all its data are on disk. */
  close(): Promise<void>;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const slowestRestart = 5 * second;
/** A server that ran this long, in milliseconds, did not fail at its start: the pauses begin anew. */
const steady = minute;
/** How long an orderly end may take before the server is killed, and how long a killed one may take: milliseconds. */
const patience = 5 * second;
/** How long to wait for its last output after its end: milliseconds. */
const lastWords = second;

/**
 * Starts the server. It returns as soon as the first start was tried; a start that fails is repeated.
 * @throws Error when the folders cannot be made, or an older instance cannot be ended.
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
    // A function, because close() may come during any await, and the compiler would assume that it had not.
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

  /** Runs the server once. @returns how it ended. */
  async #runOnce(): Promise<string> {
    const child = launch(this.#options, (await isInstalled(servers[0])) ? servers[0] : servers[1]);
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

  /** Reads its output: redis-server prints when it accepts connections, and has no other event for it. */
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

/** Makes a folder for the service account (rule 1). The parent is root's, so nobody can have put a link in its place. */
async function ownFolder(folder: string, uid: number, gid: number): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await chown(folder, uid, gid);
  await chmod(folder, 0o700);
}

/** Redis' own, or Valkey's, which takes the same configuration. */
const servers = ['redis-server', 'valkey-server'] as const;

/** Starts the process (rule 2). `--port 0` is also an argument, in case the configuration never arrives. */
function launch({ uid, gid }: EmbeddedOptions, program: string): ChildProcess {
  const drop = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--no-new-privs', '--inh-caps=-all'];
  const server = ['setpriv', ...drop, '--pdeathsig', 'TERM', program, '--port', '0', '-'];
  const child: ChildProcess = spawn('/bin/sh', ['-c', `${begin('077')}exec "$@"`, 'sh', ...server], {
    cwd: '/',
    env: { PATH: path, LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Without free descriptors the child has no pipes.
  child.stdin?.on('error', () => undefined); // it ended before it read; its exit is reported
  return child;
}

/** The configuration (redis.conf). Paths are quoted, for a prefix with a space in it. */
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

/** Resolves at 'exit', not at 'close': a process that inherited its output would delay that (rule 5). */
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

/** Which program is missing, and how to install it (rule 5); undefined when none is. */
async function missingProgram(): Promise<string | undefined> {
  for (const [programs, cure] of [
    [
      servers,
      'apt-get install redis-server, then systemctl disable --now redis-server, or name another Redis (redis:)',
    ],
    [['setpriv'], 'apt-get install util-linux'],
  ] as const) {
    const found = await Promise.all(programs.map(isInstalled));
    if (!found.includes(true)) return `no program ${programs.join(' or ')} in ${path}: ${cure}`;
  }
  return undefined;
}

async function isInstalled(program: string): Promise<boolean> {
  const places = path.split(':').map(async (folder) => access(`${folder}/${program}`, constants.X_OK));
  return (await Promise.allSettled(places)).some(({ status }) => status === 'fulfilled');
}

/** Ends the instance that an earlier keeper left (rule 3). */
async function endLeftover(file: string, uid: number): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, pid, start] = /^([1-9]\d*) (\d+)$/.exec(text.trim()) ?? [];
  if (pid !== undefined) await endProcess({ pid: Number(pid), start: Number(start) }, uid, patience);
  await rm(file, { force: true });
}
