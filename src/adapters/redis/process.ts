// Writes down the pid and start time of the embedded server (proc(5), field 22 of stat), so that a later process with the same pid is not
// taken for it.
import { setTimeout as delay } from 'node:timers/promises';
import { replaceFile } from '../durable.ts';
import { isSame, killSame, startTimeOf, uidOf } from '../processes.ts';

/** A process, by its pid and start time. */
export interface ProcessName {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly start: number;
}

const look = 10;

/** Writes pid and start time of a process to a file. @throws Error when the process has ended. */
export async function note(file: string, pid: number): Promise<void> {
  const start = await startTimeOf(pid);
  if (start === undefined) throw new Error(`process ${pid} has ended`);
  await replaceFile(file, `${pid} ${start}\n`, { draft: `${file}.new`, mode: 0o600, durable: false });
}

/**
 * Ends a process by SIGTERM, after `patienceMs` milliseconds by SIGKILL, and waits until it is gone, at most `patienceMs` more. Does
 * nothing when the pid belongs to another process by now, or to one of another account.
 * @throws Error when it is still there.
 */
export async function endProcess(name: ProcessName, uid: number, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  if (!(await isThere(name, uid))) return;
  await killSame(name.pid, name.start, 'SIGTERM');
  let killed = false;
  while (await isThere(name, uid)) {
    const late = performance.now() - deadline;
    if (late > patienceMs) throw new Error(`process ${name.pid} does not end, not even by SIGKILL`);
    if (!killed && late > 0) killed = await killSame(name.pid, name.start, 'SIGKILL');
    await delay(look); // the end of a process that is not our child raises no event
  }
}

async function isThere({ pid, start }: ProcessName, uid: number): Promise<boolean> {
  return (await isSame(pid, start)) && (await uidOf(pid)) === uid;
}
