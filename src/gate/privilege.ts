// The gate's privileges: when it is root and when not (docs/design.md, "One visit").
//
// 1. Until "go" it runs with the caller's effective uid. Attack: a caller makes it open or write a file that the caller could not.
//    Real and saved uid stay root, so that the caller can neither signal nor trace it (kill(2), ptrace(2)).
// 2. After the pty's child has started, root is dropped for good: real, effective and saved uid. Attack: a fault in the relay gives root.
// 3. What a caller can pass through sudo is reset. Attack: a small RLIMIT_FSIZE stops the recording; a large timer slack delays the
//    deadline; also oom score, priority, umask, working directory. Slack and priority are set for each thread: the main thread waits
//    for V8's worker, so a slack of hours on that one stops both.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Whether real and effective uid are root's. */
export function isRoot(): boolean {
  return process.getuid?.() === 0 && process.geteuid?.() === 0;
}

/** Takes the caller's effective uid (rule 1). Root's groups stay; they give access to nothing that a caller names. */
export function lowerTo(uid: number): void {
  process.seteuid?.(uid);
}

/** Takes root's effective uid back, for the keeper's socket or for the pty. */
export function regainRoot(): void {
  process.seteuid?.(0);
}

/**
 * Becomes this account for good (rule 2).
 * @throws Error when root was not dropped, or can be regained.
 */
export function becomeForGood(uid: number, gid: number): void {
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (canRegainRoot() || process.geteuid?.() !== uid) throw new Error('root was not dropped');
}

function canRegainRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}

const usualSlackNs = '50000'; // prctl(2), PR_SET_TIMERSLACK: the kernel's own default

/** Resets what the caller passed through sudo (rule 3). Needs root, and comes before everything else. */
export function resetInherited(): void {
  process.umask(0o077);
  process.chdir('/');
  attempt(() => writeFileSync('/proc/self/oom_score_adj', '0'));
  for (const thread of readdirSync('/proc/self/task')) {
    attempt(() => writeFileSync(`/proc/${thread}/timerslack_ns`, usualSlackNs));
    attempt(() => setPriority(Number(thread), 0));
  }
  liftLimits();
}

function attempt(reset: () => void): void {
  try {
    reset();
  } catch {
    // Without the file (kernel, container) there is nothing to reset; the keeper's deadline does not depend on it.
  }
}

const unlimited = /^Max (?:cpu time|file size|data size|address space) +unlimited/gm;
const openFiles = /^Max open files +(\d+)/m;

/** Lifts resource limits by prlimit(1), which costs a process, so only where a limit is unusual. */
function liftLimits(): void {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const files = Number(openFiles.exec(limits)?.[1] ?? 0);
  if ((limits.match(unlimited)?.length ?? 0) === 4 && files >= 256) return;
  const lifted = ['cpu', 'fsize', 'data', 'as'].map((name) => `--${name}=unlimited`);
  spawnSync('/usr/bin/prlimit', ['--pid', String(process.pid), ...lifted, '--nofile=1024'], {
    stdio: 'ignore',
    env: {},
  });
}
