// The cgroups (v2) of a sandbox. Everything that it starts is in one, so that one write ends all of it, even after a crash (law 6).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where cgroup v2 is mounted (proc(5), mountinfo: the type follows the " - "). @throws Error when it is not */
export function cgroupMount(): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((row) => row.includes(' - cgroup2 '));
  const path = line?.split(' ')[4];
  if (path === undefined) throw new Error('no cgroup v2 is mounted');
  return path;
}

/** Makes a cgroup. @returns a command prefix that joins the cgroup and then executes the command after it */
export function joining(name: string): readonly [string, ...string[]] {
  const directory = join(cgroupMount(), name);
  mkdirSync(directory, { recursive: true });
  return ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', join(directory, 'cgroup.procs')];
}

function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(directory, entry.name));
  }
  rmdirSync(directory);
}

/** Kills everything in a cgroup and removes it. It is repeated, since a process that joins after cgroup.kill lives. */
export async function killCgroup(name: string): Promise<void> {
  const directory = join(cgroupMount(), name);
  for (let round = 0; existsSync(directory) && round < 200; round++) {
    writeFileSync(join(directory, 'cgroup.kill'), '1');
    try {
      removeTree(directory);
    } catch {
      await delay(10); // EBUSY until the killed processes are gone
    }
  }
  if (existsSync(directory)) throw new Error(`${directory} cannot be removed`);
}
