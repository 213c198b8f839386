// Measures the memory of connections. PSS (proc(5), smaps_rollup) divides shared memory among its processes, so sums are right.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Host } from '../sandbox/host.ts';
import { runningFrom } from '../sandbox/processes.ts';
import type { Client } from './client.ts';
import { attach, cgroupOf, firstFrame, quiet } from './inside.ts';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process or the cgroup is gone
  }
};

const kilobytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);

function inCgroups(host: Host): number[] {
  const cgroups = (['c', 's'] as const).flatMap((kind) =>
    readdirSync(cgroupOf(host, kind), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => cgroupOf(host, kind, entry.name)),
  );
  return cgroups.flatMap((path) => read(`${path}/cgroup.procs`).split('\n').filter(Boolean).map(Number));
}

/** The pids of the sandbox's processes: keeper, gates, Redis, tmux servers and clients, and those in the sessions. */
function ofGate(host: Host): number[] {
  const redis = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes(`${host.layout.run}/redis`),
  );
  return [...new Set([...runningFrom(host.root), ...inCgroups(host), ...redis.map(Number)])];
}

const pssMb = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + kilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss'), 0) / 1024;

/** The memory of each program. */
export function byProgram(host: Host): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const pid of ofGate(host)) {
    const name = pid === host.keeper.pid ? 'keeper' : programOf(pid);
    parts[name] = (parts[name] ?? 0) + pssMb([pid]);
  }
  return parts;
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/.*\//, '').replace('node', 'gate');
  } catch {
    return 'gone';
  }
}

/** The resident memory of a process: megabytes. */
export const rssMb = (pid: number): number => kilobytes(read(`/proc/${pid}/status`), 'VmRSS') / 1024;

export interface Memory {
  /** What each connection adds, without sshd's processes: megabytes. */
  readonly connectionPssMb: number;
  readonly keeperRssMb: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** Measures with `count` idle connections of one person under one grant. */
export async function measureMemory(host: Host, count: number): Promise<Memory> {
  // One connection stays, so that the session's tmux server is in both sums.
  const clients: Client[] = [await sitDown(host)];
  const before = pssMb(ofGate(host));
  const partsBefore = byProgram(host);
  for (let n = 0; n < count; n++) clients.push(await sitDown(host));
  const connectionPssMb = (pssMb(ofGate(host)) - before) / count;
  const after = byProgram(host);
  const parts = Object.fromEntries(
    Object.entries(after).map(([name, mb]) => [name, (mb - (partsBefore[name] ?? 0)) / count]),
  );
  const keeperRssMb = rssMb(host.keeper.pid ?? 0);
  for (const client of clients) await client.leave();
  await quiet(host);
  return { connectionPssMb, keeperRssMb, parts };
}

/** Attaches as alice under her live grant, and waits for the session. */
export async function sitDown(host: Host): Promise<Client> {
  const client = attach(host);
  await client.until(firstFrame('prod-db'));
  return client;
}
