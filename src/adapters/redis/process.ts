// One process, named so that no later one with the same pid is meant: its pid and its start time (proc(5), stat field 22).
import { open, readFile, rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessName {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly start: string;
}

const look = 10;

/** Writes a process down: pid and start time. @throws Error when it is gone already. */
export async function note(file: string, pid: number): Promise<void> {
  const start = await startOf(pid);
  if (start === undefined) throw new Error(`process ${pid} has ended`);
  await using draft = await open(`${file}.new`, 'w', 0o600);
  await draft.writeFile(`${pid} ${start}\n`);
  await rename(`${file}.new`, file);
}

/**
 * Ends a process with TERM, after `patienceMs` with KILL, and waits until it is gone, `patienceMs` more at most. Does nothing
 * when the process is another one by now, or runs as another account.
 * @throws Error when it is still there.
 */
export async function endProcess(name: ProcessName, uid: number, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  if (!(await isThere(name, uid))) return;
  kill(name.pid, 'SIGTERM');
  let killed = false;
  while (await isThere(name, uid)) {
    const late = performance.now() - deadline;
    if (late > patienceMs) throw new Error(`process ${name.pid} does not end, not even by SIGKILL`);
    if (!killed && late > 0) killed = kill(name.pid, 'SIGKILL');
    await delay(look); // the end of a process that is not our child raises no event
  }
}

async function isThere({ pid, start }: ProcessName, uid: number): Promise<boolean> {
  return (await startOf(pid)) === start && (await uidOf(pid)) === uid;
}

/** Undefined for a zombie as well: it holds nothing any more. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

async function uidOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const uid = /^Uid:\t([0-9]+)/m.exec(status)?.[1];
  return uid === undefined ? undefined : Number(uid);
}

function kill(pid: number, signal: NodeJS.Signals): true {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended between the look and the blow
  }
  return true;
}
