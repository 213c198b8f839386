// One cgroup: lists, signals and kills the processes in it (law 6, threats C7, M11).
//
// 1. The kill is cgroup.kill, repeated until the cgroup is empty and its folder is removed. One write kills only who is there, so only
//    the removed folder proves the end. Attack: a child that joins during the kill.
// 2. The cgroup is frozen while it is listed, so that the list names what is killed. It is thawed after the kill, because a frozen cgroup
//    would also freeze who joins later. Attack: forking faster than the list can be read; a cgroup that somebody froze.
// 3. No process outside is signalled: pids come from cgroup.procs and are checked by their start time.
// 4. When the cgroup is gone because the whole tree is gone, nothing was killed: this is an error, not an end. Accident: cgroup v2 is
//    unmounted.
// 5. Every operation may be repeated and may run twice at the same time. A cgroup that is gone already is success.
import { watch } from 'node:fs';
import { access, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sanitizeLine } from '../core/text.ts';
import { ageMs, killSame, statOf, uidOf, uptimeMs } from './processes.ts';

/** A process in a cgroup. */
export interface CgroupProcess {
  readonly pid: number;
  /** Clock ticks since boot, to tell a process from a later one with the same pid. */
  readonly startTime: number;
  /** The effective uid. */
  readonly uid: number;
  /** The name that the process gave itself, filtered by core/text. */
  readonly comm: string;
  /** How long the process had run: milliseconds. */
  readonly ageMs: number;
}

/** A process that was killed, as the journal lists it. */
export type KilledProcess = Omit<CgroupProcess, 'startTime'>;

/** Called before each kill with all processes that were killed so far or are killed now. */
export type BeforeKill = (killed: readonly KilledProcess[]) => Promise<void>;

/** Access to one cgroup. */
export interface CgroupHandle {
  readonly path: string;
  /** A process that writes "0" to this file joins the cgroup. */
  readonly procsFile: string;
  populated(): Promise<boolean>;
  /** Whether the process is in the cgroup or in a child cgroup. */
  holds(pid: number): Promise<boolean>;
  /** The processes in the cgroup and its child cgroups, at most 1000. */
  processes(): Promise<readonly CgroupProcess[]>;
  /** Signals every process, as a courtesy before the kill. Never rejects. @returns how many were signalled. */
  signal(signal: NodeJS.Signals): Promise<number>;
  /**
   * Kills every process and removes the cgroup (rule 1).
   * @returns what was killed.
   * @throws the signal's reason when it is aborted: the processes are killed, the folder may remain; Error by rule 4.
   * @param before is called before each kill with all that was killed so far and is killed now; its errors are ignored.
   */
  end(signal?: AbortSignal, before?: BeforeKill): Promise<readonly KilledProcess[]>;
}

/** How often the cgroup is checked where the kernel sends no event: milliseconds. */
const pollMs = 20;
const listLimit = 1000;
const commLimit = 64;

/** Whether an error has one of these codes, such as `ENOENT`. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

/** A handle for the cgroup at an absolute path, whether it still exists or not. */
export function cgroupAt(path: string): CgroupHandle {
  return {
    path,
    procsFile: `${path}/cgroup.procs`,
    populated: () => isPopulated(path),
    holds: async (pid) => (await pidsIn(path)).includes(pid),
    processes: () => processesIn(path),
    signal: (signal) => signalAll(path, signal),
    end: (signal, before) => endAt(path, signal, before),
  };
}

/** The result; undefined when the cgroup is gone (rule 5: ENOENT before the open, ENODEV after it). */
async function ifThere<T>(act: Promise<T>): Promise<T | undefined> {
  try {
    return await act;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

async function isPopulated(path: string): Promise<boolean> {
  const events = await ifThere(readFile(`${path}/cgroup.events`, 'utf8'));
  return events !== undefined && /^populated 1$/m.test(events);
}

async function childrenOf(path: string): Promise<string[]> {
  const entries = (await ifThere(readdir(path, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => `${path}/${entry.name}`);
}

async function pidsIn(path: string): Promise<number[]> {
  const own = (await ifThere(readFile(`${path}/cgroup.procs`, 'utf8'))) ?? '';
  const below = await Promise.all((await childrenOf(path)).map(pidsIn));
  return [...own.split('\n').map(Number).filter(isPid), ...below.flat()];
}

/** The kernel lists a process of another pid namespace as 0: it is killed like the others, but cannot be named. */
function isPid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0;
}

async function processesIn(path: string): Promise<CgroupProcess[]> {
  const [pids, uptime] = await Promise.all([pidsIn(path), uptimeMs()]);
  const found = await Promise.all(pids.slice(0, listLimit).map((pid) => describe(pid, uptime)));
  return found.filter((process) => process !== undefined);
}

async function describe(pid: number, uptime: number): Promise<CgroupProcess | undefined> {
  const [stat, uid] = await Promise.all([statOf(pid), uidOf(pid)]);
  if (stat === undefined || uid === undefined) return undefined;
  const { startTime } = stat;
  return { pid, startTime, uid, comm: sanitizeLine(stat.comm, commLimit), ageMs: ageMs(startTime, uptime) };
}

async function signalAll(path: string, signal: NodeJS.Signals): Promise<number> {
  try {
    const there = await processesIn(path);
    const told = await Promise.all(there.map(({ pid, startTime }) => killSame(pid, startTime, signal)));
    return told.filter(Boolean).length;
  } catch {
    return 0;
  }
}

async function endAt(path: string, signal?: AbortSignal, before?: BeforeKill): Promise<readonly KilledProcess[]> {
  const killed = new Map<string, KilledProcess>();
  using events = eventsOf(path);
  // Only once: each freeze and thaw is an event, which would wake this loop without end.
  await set(path, 'cgroup.freeze', '1').catch(() => undefined);
  for (;;) {
    await strike(path, killed, before);
    if (await removed(path)) {
      await access(join(path, '../../cgroup.procs')); // rule 4
      return [...killed.values()];
    }
    signal?.throwIfAborted();
    await events.next();
  }
}

/** Lists, then kills once. Neither a list that cannot be read nor an error of `before` prevents the kill. */
async function strike(path: string, killed: Map<string, KilledProcess>, before?: BeforeKill): Promise<void> {
  const there = await processesIn(path).catch(() => []);
  for (const { startTime, ...process } of there) killed.set(`${process.pid} ${startTime}`, process);
  await before?.([...killed.values()]).catch(() => undefined);
  await set(path, 'cgroup.kill', '1');
  await thaw(path);
}

async function set(path: string, file: string, value: string): Promise<void> {
  await ifThere(writeFile(`${path}/${file}`, value, { flag: 'r+' }));
}

async function thaw(path: string): Promise<void> {
  await set(path, 'cgroup.freeze', '0');
  for (const child of await childrenOf(path)) await thaw(child);
}

/** Removes the child cgroups, then the cgroup. @returns false while a process in it is still dying. */
async function removed(path: string): Promise<boolean> {
  for (const child of await childrenOf(path)) if (!(await removed(child))) return false;
  try {
    await ifThere(rmdir(path));
    return true;
  } catch (error) {
    if (isCode(error, 'EBUSY')) return false;
    throw error;
  }
}

interface Events extends Disposable {
  /** Resolves when cgroup.events changes, at the latest after `pollMs`. */
  next(): Promise<void>;
}

/** The kernel's events of a cgroup. Listening begins before the first kill, so that none is missed. */
function eventsOf(path: string): Events {
  let waiter = Promise.withResolvers<undefined>();
  const wake = (): void => waiter.resolve(undefined);
  const unwatch = watched(`${path}/cgroup.events`, wake);
  return {
    next: async () => {
      const timer = setTimeout(wake, pollMs);
      await waiter.promise;
      clearTimeout(timer);
      waiter = Promise.withResolvers();
    },
    [Symbol.dispose]: unwatch,
  };
}

/** Watches a file. Where inotify fails (its limit is reached, the file is gone), only the poll wakes. @returns what stops it. */
function watched(file: string, wake: () => void): () => void {
  try {
    const watcher = watch(file, wake).on('error', wake);
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
