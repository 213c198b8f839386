// The session's pty, and the one child on it. Everything that uses private fields of node-pty 1.1.0 (`_socket`, `fd`)
// is in this file; tests/unit/gate/pty.test.ts fails when they or the version change.
//
// 1. The pty is written by ./write-queue.ts and not by node-pty's stream. Attack: the session takes no input; libuv takes the pty for
//    blocking and retries a full one without pause, so that no timer of this process runs (uv__write, UV_HANDLE_BLOCKING_WRITES).
// 2. A descriptor that would block is refused before anything passes. Attack: as in rule 1.
// 3. The child's output and its exit are kept until somebody listens; node-pty drops both. Accident: the first screen is drawn while the
//    terminal is being made raw, and the person sees nothing.
import { spawn, type IPty } from '@lydell/node-pty';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { openWriteQueue, tryWrite, type WriteQueue } from './write-queue.ts';

/** The child's command, environment and first size. */
export interface PtyOptions {
  readonly argv: readonly string[];
  readonly term: string;
  readonly lang: string;
  readonly cols: number;
  readonly rows: number;
}

/** A pty with its child. */
export interface Pty {
  readonly pid: number;
  /** Listens to the child's output, from the first byte on. To be called once. */
  onData(hear: (bytes: Buffer) => void): void;
  /** Listens to the child's exit, even one that was earlier. */
  onExit(hear: (exitCode: number, signal: number | undefined) => void): void;
  pause(): void;
  resume(): void;
  resize(cols: number, rows: number): void;
  /** The queue for input to the child. To be called once. */
  input(options: { readonly mayPass: () => boolean; readonly onRoom: () => void }): WriteQueue;
  /** Closes the pty; no byte passes after this, in either direction. */
  close(): void;
}

interface Inside {
  readonly _socket: Socket;
  readonly fd: number;
}

/** Opens a pty and starts the child on it. @throws Error when no pty can be opened, or node-pty is not as this file needs it */
export function openPty({ argv, term, lang, cols, rows }: PtyOptions): Pty {
  const env = { PATH: '/usr/bin:/bin', TERM: term, LANG: lang };
  const pty = spawn(String(argv[0]), argv.slice(1), { name: term, cols, rows, cwd: '/', env, encoding: null });
  const { _socket: socket, fd } = pty as unknown as Inside;
  requireNonBlocking(fd);
  pty.pause(); // rule 3
  const exited = new Promise<Parameters<Parameters<IPty['onExit']>[0]>[0]>((resolve) => pty.onExit(resolve));
  return {
    pid: pty.pid,
    onData: (hear) => {
      pty.onData(hear as unknown as Parameters<IPty['onData']>[0]);
      pty.resume();
    },
    onExit: (hear) => void exited.then(({ exitCode, signal }) => hear(exitCode, signal)),
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    resize: (columns, lines) => pty.resize(columns, lines),
    // After the close, another file may have this descriptor's number.
    input: (events) =>
      openWriteQueue({ ...events, put: (bytes) => (socket.destroyed ? undefined : tryWrite(fd, bytes)) }),
    close: () => void socket.destroy(),
  };
}

/** O_NONBLOCK (04000) in the octal flags of /proc (proc_pid_fdinfo(5)). */
const nonBlocking = /^flags:\t[0-7]*[4-7][0-7]{3}$/m;

/** Checks that a descriptor does not block (rule 2). @throws Error when it would */
export function requireNonBlocking(fd: number): void {
  if (!nonBlocking.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))) throw new Error('the pty would block');
}
