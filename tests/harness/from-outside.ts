// For attacks from outside: files that an attacker plants, the marks that they leave, and processes before "go".
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { dirname } from 'node:path';
import { must } from '../../scripts/sandbox/exec.ts';
import { makeFolder } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { gates } from './around.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';

/** Whether `look` becomes true within the time. The limit is generous: it only has to tell "late" from "never". */
export async function comesTrue(look: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<boolean> {
  return eventually('', look, timeoutMs).catch(() => false);
}

/** A folder in which programs leave marks; disposing removes it. */
export interface Marks extends Disposable {
  /** Writable for every account. */
  readonly folder: string;
  /** The names of the files in it. */
  left(): readonly string[];
}

/** Makes an empty folder for marks. */
export function openMarks({ root }: Host): Marks {
  const folder = `${root}/marks`;
  rmSync(folder, { recursive: true, force: true });
  makeFolder(folder, 0o1777);
  return {
    folder,
    left: () => readdirSync(folder),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs something while files are in a login's home, as if the login could write there. @param files name to text */
export async function withHome<T>(
  { layout: { home } }: Host,
  login: string,
  files: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> {
  const paths = Object.entries(files).map(([name, text]) => {
    const path = `${home}/${login}/${name}`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o755 });
    return path;
  });
  return run().finally(() => {
    for (const path of [...paths, `${home}/${login}/.ssh`]) rmSync(path, { recursive: true, force: true });
  });
}

const tty = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };

/** Starts a program as a login on a terminal of its own, as if the forced command had been broken out of. */
export function terminalAs(
  login: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const step = ['--reuid', login, '--regid', login, '--init-groups'];
  return new Terminal('setpriv', [...step, ...argv], { env: { ...tty, ...env } });
}

/** Waits until the gate asks for a sign-in or a reason and is the only one. @returns its pid */
export async function waitingGate({ layout }: Host, terminal: Terminal): Promise<number> {
  await terminal.until(/user_code=|Reason \(/);
  return eventually('one gate waits', () => (gates(layout).length === 1 ? gates(layout)[0] : undefined));
}

/** A service on the host; disposing closes it. */
export interface Service extends AsyncDisposable {
  readonly port: number;
  /** How many connections were made to it. */
  readonly reached: () => number;
}

/** Starts a service that only local programs should reach. It greets each connection. @param path of a Unix socket; undefined: TCP */
export async function openService(path?: string): Promise<Service> {
  let reached = 0;
  const server: Server = createServer((socket) => {
    reached++;
    socket.on('error', () => undefined).end('inner service\n');
  });
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  if (path !== undefined) await must('chmod', ['666', path]);
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    reached: () => reached,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Runs useradd, usermod or the like, under the lock that all sandboxes take (scripts/sandbox/accounts.ts). */
export async function changeAccount(program: string, args: readonly string[]): Promise<void> {
  await must('flock', ['/run/lock/tmux-gate-sandbox-accounts', program, ...args]);
}

/** The environment that a process was started with, as `NAME=value`. */
export function environmentOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${String(pid)}/environ`, 'utf8')
    .split('\0')
    .filter(Boolean);
}

/** The path of the sandbox's gate. */
export const gatePath = ({ lib }: Layout): string => `${lib}/gate`;
