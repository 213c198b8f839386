// What somebody does inside a session, as lines of shell and of Perl, and what root sees of it afterwards.
//
// 1. Lines come as scripts: what is typed is echoed, and would be found in the terminal before anything ran.
// 2. What must hold in the end is an `expect` that is tried again until it holds (`expectSoon`), so that a guard that was taken
//    out shows as a failed `expect` and not as a wait that was too short (tests/harness/attack.ts).
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
import { connections, fenced, type Inside } from './inside.ts';

let scripts = 0;

/** A file of the sandbox that everybody may read. */
export function fileFor(host: Host, name: string, text: string): string {
  const path = `${host.root}/${name}`;
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

/** Runs lines of shell in the session, and waits until the last of them returned. */
export async function runIn(host: Host, { terminal }: Inside, lines: readonly string[]): Promise<void> {
  const n = String(++scripts);
  const script = fileFor(host, `in-${n}.sh`, `${[...lines, `echo "ran-$((${n}+0))-"`].join('\n')}\n`);
  terminal.type(`. ${script}\r`);
  await terminal.until(`ran-${n}-`);
}

/** Runs lines in the session that leave nobody there to say so. */
export function startIn(host: Host, { terminal }: Inside, lines: readonly string[]): void {
  const script = fileFor(host, `in-${String(++scripts)}.sh`, `${lines.join('\n')}\n`);
  terminal.type(`. ${script}\r`);
}

/** The session account's home. */
export const homeOf = ({ layout }: Host): string => `${layout.home}/${layout.sessionAccount}`;

export const uidOf = ({ layout }: Host): number => account(layout.sessionAccount).uid;

/** What runs as the session account, wherever it is. */
export const ofSession = (host: Host): readonly string[] =>
  ofUids([uidOf(host)]).map((pid) => `${String(pid)} ${commandOf(pid).join(' ').trim()}`);

/** Rule 2. @throws what the last try threw. */
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
 * Law 6: nobody of the session account is left, and no cgroup: who forks fast enough is in no list, but the kernel removes no
 * cgroup with somebody in it.
 */
export async function expectNobodyLeft(host: Host, withinMs = 20_000): Promise<void> {
  await expectSoon(() => expect([...ofSession(host), ...fencesOf(host)]).toEqual([]), withinMs);
}

function fencesOf({ layout }: Host): readonly string[] {
  const tree = `${cgroupMount()}/${layout.cgroups.keeper}`;
  const kinds = ['s', 'c'].filter((kind) => existsSync(`${tree}/${kind}`));
  return kinds
    .flatMap((kind) => readdirSync(`${tree}/${kind}`, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The line ended; a bound of many seconds tells "ends" from "never ends". */
export async function expectEnded(terminal: Terminal, withinMs = 20_000): Promise<void> {
  const end = await Promise.race([terminal.exit.then(() => 'ended'), delay(withinMs, 'still there', { ref: false })]);
  expect(end).toBe('ended');
}

/** What ssh says when the other side closed; nothing of the session may come after the farewell. */
export const farewell = /tmux-gate: [^\n\u001b]*\n(?:[^\n\u001b]*\n)?(?:Connection to 127\.0\.0\.1 closed\.\r*\n)?$/;

/** Root withdraws a grant, and does not wait: what must come of it is for the attack to see. */
export function withdraw(host: Host, { grant }: Inside): Promise<Outcome | undefined> {
  return host.cli(['revoke', grant]).catch(() => undefined);
}

/** The tmux client of a connection: the one process of its cgroup. */
export function clientOf({ layout }: Host, { id }: Inside): number {
  return fenced(layout, 'c', id)[0] ?? 0;
}

export async function expectNoConnection({ layout }: Host): Promise<void> {
  await expectSoon(() => expect(connections(layout)).toEqual([]));
}

/** Text of a file, and nothing where there is none. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** By a signal (proc_pid_status(5)). */
export const isStopped = (pid: number): boolean => /^State:\tT/m.test(textOf(`/proc/${String(pid)}/status`));

/**
 * Perl that takes descriptor 0 of another process of its own uid (pidfd_open(2), pidfd_getfd(2)) as `$tty`: the pty of a tmux
 * client, whose path it may not open.
 */
export const takeTerminal = (pid: number): string =>
  `my $handle = syscall(434, ${String(pid)}, 0);
my $fd = syscall(438, $handle, 0, 0);
open(my $tty, '+<&=', $fd) or die "no terminal";
$tty->autoflush(1);`;
