// What attacks from outside have in common: somebody at the door, what they plant, and what it left.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { dirname } from 'node:path';
import { must } from '../../scripts/sandbox/exec.ts';
import { makeFolder } from '../../scripts/sandbox/files.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { gates } from './around.ts';
import { eventually } from './inside.ts';

/** Whether it holds within the time; the bound only tells "comes" from "never comes". */
export async function comesTrue(look: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<boolean> {
  return eventually('', look, timeoutMs).catch(() => false);
}

export interface Marks extends Disposable {
  /** Everybody may write there. */
  readonly folder: string;
  /** Names of what somebody left there. */
  left(): readonly string[];
}

/** A folder in which whatever runs leaves a mark. */
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

/** Runs something with files in a login's home, as if it could be written. @param files name -> text. */
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

/** A shell of the login's own making, on a terminal: the forced command has been broken out of. */
export function terminalAs(
  login: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const step = ['--reuid', login, '--regid', login, '--init-groups'];
  return new Terminal('setpriv', [...step, ...argv], { env: { ...tty, ...env } });
}

/** The pid of the one gate that waits for what this person has to say: a sign-in, or a reason where that is remembered. */
export async function waitingGate({ layout }: Host, terminal: Terminal): Promise<number> {
  await terminal.until(/user_code=|Reason \(/);
  return eventually('one gate waits', () => (gates(layout).length === 1 ? gates(layout)[0] : undefined));
}

export interface Service extends AsyncDisposable {
  readonly port: number;
  /** Connections that somebody made. */
  readonly reached: () => number;
}

/** A service of the host that only local programs should reach; it greets whoever comes. */
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

/** useradd's family takes turns with the other sandboxes (scripts/sandbox/accounts.ts). */
export async function changeAccount(program: string, args: readonly string[]): Promise<void> {
  await must('flock', ['/run/lock/tmux-gate-sandbox-accounts', program, ...args]);
}

/** Names and values that a process was started with. */
export function environmentOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${String(pid)}/environ`, 'utf8')
    .split('\0')
    .filter(Boolean);
}

export const gatePath = ({ lib }: Layout): string => `${lib}/gate`;
