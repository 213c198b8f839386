// What the gate may do, and when (docs/design.md, "One visit").
//
// 1. Until "go" it runs with the caller's effective uid: what a caller could make it open or write, the caller could anyway.
//    Real and saved uid stay root, so the caller can neither signal nor trace it (kill(2), ptrace(2)).
// 2. After the pty's child has started, root is dropped for good: real, effective and saved.
// 3. What a caller can hand through sudo is reset: limits (a small RLIMIT_FSIZE would stop the recording), timer slack (a
//    large one would delay the deadline), oom score, priority, umask, working directory. Slack and priority are each
//    thread's own: V8's worker naps while the main thread waits for it, and with a slack of hours both stand still.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

export function isRoot(): boolean {
  return process.getuid?.() === 0 && process.geteuid?.() === 0;
}

/** Rule 1. The groups of root stay; none of them opens anything that a caller names. */
export function lowerTo(uid: number): void {
  process.seteuid?.(uid);
}

/** Back to root, for the pty alone. */
export function raise(): void {
  process.seteuid?.(0);
}

/**
 * Rule 2.
 * @throws Error when root could not be dropped, or came back.
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

/** Rule 3. As root, before anything else. */
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
    // A kernel or container without the file has nothing to reset; the keeper's deadline does not depend on it.
  }
}

const unlimited = /^Max (?:cpu time|file size|data size|address space) +unlimited/gm;
const openFiles = /^Max open files +(\d+)/m;

/** prlimit(1) only where a limit is unusual: it costs a process. */
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
