// The session's pty, and the one child on it: all that leans on what node-pty keeps to itself is in this file, and
// tests/unit/gate/pty.test.ts fails when that changes.
//
// 1. Its descriptor is written by ./write-queue.ts and not by node-pty's stream: libuv believes that a pty's master blocks, and when it
//    is full tries again at once, without end, while every clock of this process stands still (uv__write, UV_HANDLE_BLOCKING_WRITES).
// 2. A descriptor that would block is refused before anything passes.
// 3. What the child says, and its end, wait until they are listened to: node-pty lets go of both at once. Accident: the first frame is
//    drawn while the terminal is made raw, and a person sits before an empty screen.
import { spawn, type IPty } from '@lydell/node-pty';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { openWriteQueue, tryWrite, type WriteQueue } from './write-queue.ts';

export interface PtyOptions {
  readonly argv: readonly string[];
  readonly term: string;
  readonly lang: string;
  readonly cols: number;
  readonly rows: number;
}

export interface Pty {
  readonly pid: number;
  onData(hear: (bytes: Buffer) => void): void;
  onExit(hear: (exitCode: number, signal: number | undefined) => void): void;
  pause(): void;
  resume(): void;
  resize(cols: number, rows: number): void;
  /** What is written to it; made once. */
  input(options: { readonly mayPass: () => boolean; readonly onRoom: () => void }): WriteQueue;
  /** From here on no byte passes in either direction. */
  close(): void;
}

interface Inside {
  readonly _socket: Socket;
  readonly fd: number;
}

/** @throws Error when node-pty is not as this file needs it, or no pty is to be had. */
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
    // The number of a closed descriptor may be another file's by now.
    input: (events) =>
      openWriteQueue({ ...events, put: (bytes) => (socket.destroyed ? undefined : tryWrite(fd, bytes)) }),
    close: () => void socket.destroy(),
  };
}

/** O_NONBLOCK is 04000 of the octal flags that /proc tells (proc_pid_fdinfo(5)). */
const nonBlocking = /^flags:\t[0-7]*[4-7][0-7]{3}$/m;

/** Rule 2. @throws Error for a descriptor that would block */
export function requireNonBlocking(fd: number): void {
  if (!nonBlocking.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))) throw new Error('the pty would block');
}
