// Acts as an account of the sandbox without the gate, as somebody would who broke out of the forced command or the session.
import { readdirSync, readFileSync } from 'node:fs';
import { outcome, type Outcome } from '../../scripts/sandbox/exec.ts';
import type { Layout } from '../../scripts/sandbox/layout.ts';
import { isAlive } from './inside.ts';

/**
 * Runs a program as an account and waits for its end. It runs in a terminal session of its own, since within one SIGCONT may be sent to
 * any process (kill(2)).
 */
export async function asAccount(
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const step = ['--wait', 'setpriv', '--reuid', name, '--regid', name, '--init-groups'];
  return outcome('setsid', [...step, ...argv], { env });
}

/** Runs lines of Perl as an account and waits for their end. */
export async function perlAs(name: string, lines: readonly string[]): Promise<Outcome> {
  return asAccount(name, ['perl', '-e', lines.join('\n')]);
}

/** The pids of this sandbox's running gates. */
export function gates(layout: Layout): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isGate(layout, pid));
}

/** Whether a process is a running gate of this sandbox. */
export function isGate({ lib }: Layout, pid: number): boolean {
  const words = commandOf(pid);
  return words.includes(`${lib}/gate`) && words[0]?.endsWith('/node') === true && isAlive(pid);
}

/** The argument list of a process; empty when it is gone. */
export function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Perl that tries to signal, trace and read a guarding process. It prints the name of each attempt that works, and `done` last. */
export const attack = (pid: number): readonly string[] => [
  `my $pid = ${String(pid)};`,
  'for my $signal (qw(STOP KILL TERM HUP USR1 CONT)) { print "$signal " if kill $signal, $pid }',
  'my $attach = `uname -m` =~ /x86_64/ ? 101 : 117;',
  'print "ptrace " if syscall($attach, 16, $pid, 0, 0) == 0;',
  'for my $name (qw(environ maps fd/0)) { my ($file, $byte); print "$name " if open($file, "<", "/proc/$pid/$name") and defined sysread($file, $byte, 1) }',
  'my $handle = syscall(434, $pid, 0);',
  'print "fd " if $handle >= 0 and syscall(438, $handle, 0, 0) >= 0;',
  'print "done";',
];
