// A fence: one cgroup with all that was started in it, and how it ends (law 6, threats C7, M11).
//
// 1. The end is cgroup.kill, repeated until nothing is populated and the folder is gone. The write is one-shot: whoever
//    joins later lives, so only the missing folder is an end. Attack: a child that joins during the kill.
// 2. It is frozen while it is listed, so that what is killed and what is written down is the same. It is thawed after the
//    kill: a frozen cgroup takes its later joiners down with it. Attack: forking faster than a list can be read; a fence
//    that somebody froze.
// 3. Nobody outside is signalled: pids come from cgroup.procs and carry their start times.
// 4. A fence that is gone because the whole tree is gone held nobody back: that is no end, and is told. Accident: cgroup v2 is
//    unmounted.
// 5. Everything may be done twice and at the same time. What is gone already is success.
import { watch } from 'node:fs';
import { access, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sanitizeLine } from '../core/text.ts';
import { ageMs, killSame, statOf, uidOf, uptimeMs } from './processes.ts';

export interface CgroupProcess {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
  /** The effective uid. */
  readonly uid: number;
  /** As the process named itself, filtered. */
  readonly comm: string;
  /** How long it had run: milliseconds. */
  readonly ageMs: number;
}

export type KilledProcess = Omit<CgroupProcess, 'startTime'>;

export type BeforeKill = (killed: readonly KilledProcess[]) => Promise<void>;

export interface CgroupHandle {
  readonly path: string;
  /** Writing "0" to it joins. */
  readonly procsFile: string;
  populated(): Promise<boolean>;
  /** Whether a process is in it, its child cgroups included. */
  holds(pid: number): Promise<boolean>;
  /** All that is in it, its child cgroups included; at most 1000 are looked at. */
  processes(): Promise<readonly CgroupProcess[]>;
  /** A courtesy to everyone in it. Never rejects. @returns how many were told. */
  signal(signal: NodeJS.Signals): Promise<number>;
  /**
   * Rule 1. @returns what was killed. @throws the signal's reason; the kill stands, the folder may remain.
   * @param before hears before each blow of all that is killed with it and was before it; what it throws is nothing to the blow.
   */
  end(signal?: AbortSignal, before?: BeforeKill): Promise<readonly KilledProcess[]>;
}

/** The longest sleep between two looks, where the kernel's notice does not come: milliseconds. */
const pollMs = 20;
const listLimit = 1000;
const commLimit = 64;

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

/** @param path an absolute one, of a cgroup that exists or did. */
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

/** Rule 5: undefined when the cgroup is gone (ENOENT before the open, ENODEV after it). */
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

/** 0 stands for a process of another pid namespace: it is killed like all, and cannot be named. */
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
  // Once: each freeze and thaw is a notice of its own, which would wake this loop without end.
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

/** One blow. A list that cannot be read, or written down, never prevents it. */
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

/** Deepest first. @returns false while something in it is still dying. */
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
  /** Until cgroup.events changes, or `pollMs`. */
  next(): Promise<void>;
}

/** The kernel's notices, heard from before the first blow on, so that none is missed. */
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

/** Without inotify (its limit reached, the file gone) the poll alone wakes. @returns what stops it. */
function watched(file: string, wake: () => void): () => void {
  try {
    const watcher = watch(file, wake).on('error', wake);
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
