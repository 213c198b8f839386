// Runs shell and Perl inside a session, and looks at the result as root.
//
// 1. Lines are run from a script file: typed lines are echoed, so that their text would be found on the terminal before they ran.
// 2. What must hold in the end is an `expect` that is repeated until it holds (`expectSoon`). So a missing guard shows as a failed
//    `expect` and not as a timeout (tests/harness/attack.ts, rule 2).
import { expect } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { account } from '../../scripts/sandbox/accounts.ts';
import { cgroupMount } from '../../scripts/sandbox/cgroup.ts';
import type { Outcome } from '../../scripts/sandbox/exec.ts';
import type { Host } from '../../scripts/sandbox/host.ts';
import { ofUids } from '../../scripts/sandbox/processes.ts';
import type { Terminal } from '../../scripts/sandbox/terminal.ts';
import { commandOf } from './around.ts';
import { connections, cgroupPids, type Inside } from './inside.ts';

let scripts = 0;

/** Writes a file of the sandbox that everybody may read. @returns its path */
export function fileFor(host: Host, name: string, text: string): string {
  const path = `${host.root}/${name}`;
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

/** Runs lines of shell in the session, and waits until the last one has returned. */
export async function runIn(host: Host, { terminal }: Inside, lines: readonly string[]): Promise<void> {
  const n = String(++scripts);
  const script = fileFor(host, `in-${n}.sh`, `${[...lines, `echo "ran-$((${n}+0))-"`].join('\n')}\n`);
  terminal.type(`. ${script}\r`);
  await terminal.until(`ran-${n}-`);
}

/** Starts lines of shell in the session without waiting, for those that end the session or the shell. */
export function startIn(host: Host, { terminal }: Inside, lines: readonly string[]): void {
  const script = fileFor(host, `in-${String(++scripts)}.sh`, `${lines.join('\n')}\n`);
  terminal.type(`. ${script}\r`);
}

/** The session account's home. */
export const homeOf = ({ layout }: Host): string => `${layout.home}/${layout.sessionAccount}`;

/** The session account's uid. */
export const uidOf = ({ layout }: Host): number => account(layout.sessionAccount).uid;

/** The session account's processes as `pid command`, in any cgroup. */
export const ofSession = (host: Host): readonly string[] =>
  ofUids([uidOf(host)]).map((pid) => `${String(pid)} ${commandOf(pid).join(' ').trim()}`);

/** Repeats an `expect` until it holds (rule 2). @throws what the last try threw, after `withinMs` */
export async function expectSoon(holds: () => void | Promise<void>, withinMs = 20_000): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await delay(50);
  }
}

/**
 * Waits until no process of the session account and no cgroup is left (law 6). A process that forks fast enough may be missing in a list,
 * but the kernel does not remove a cgroup with processes.
 */
export async function expectNobodyLeft(host: Host, withinMs = 20_000): Promise<void> {
  await expectSoon(() => expect([...ofSession(host), ...cgroupsOf(host)]).toEqual([]), withinMs);
}

function cgroupsOf({ layout }: Host): readonly string[] {
  const tree = `${cgroupMount()}/${layout.cgroups.keeper}`;
  const kinds = ['s', 'c'].filter((kind) => existsSync(`${tree}/${kind}`));
  return kinds
    .flatMap((kind) => readdirSync(`${tree}/${kind}`, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Expects that the terminal's ssh ends within the time. The limit is generous: it only has to tell "late" from "never". */
export async function expectEnded(terminal: Terminal, withinMs = 20_000): Promise<void> {
  const end = await Promise.race([terminal.exit.then(() => 'ended'), delay(withinMs, 'still there', { ref: false })]);
  expect(end).toBe('ended');
}

/** The end of a terminal's text: the gate's last lines and ssh's own; no output of the session may follow. */
export const farewell = /tmux-gate: [^\n\u001b]*\n(?:[^\n\u001b]*\n)?(?:Connection to 127\.0\.0\.1 closed\.\r*\n)?$/;

/** Revokes a grant as root. Callers need not wait for it; the attack checks what follows. */
export function withdraw(host: Host, { grant }: Inside): Promise<Outcome | undefined> {
  return host.cli(['revoke', grant]).catch(() => undefined);
}

/** The pid of a connection's tmux client, the first process of its cgroup; 0 when there is none. */
export function clientOf({ layout }: Host, { id }: Inside): number {
  return cgroupPids(layout, 'c', id)[0] ?? 0;
}

/** Waits until there is no connection. */
export async function expectNoConnection({ layout }: Host): Promise<void> {
  await expectSoon(() => expect(connections(layout)).toEqual([]));
}

/** The text of a file; '' when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether a process is stopped by a signal (proc_pid_status(5)). */
export const isStopped = (pid: number): boolean => /^State:\tT/m.test(textOf(`/proc/${String(pid)}/status`));

/**
 * Perl that takes descriptor 0 of another process of its uid as `$tty` (pidfd_open(2), pidfd_getfd(2)): the pty of a tmux client, whose
 * path it may not open.
 */
export const takeTerminal = (pid: number): string =>
  `my $handle = syscall(434, ${String(pid)}, 0);
my $fd = syscall(438, $handle, 0, 0);
open(my $tty, '+<&=', $fd) or die "no terminal";
$tty->autoflush(1);`;
