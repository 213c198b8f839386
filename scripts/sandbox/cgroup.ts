// The cgroup v2 trees of a sandbox. Everything that the sandbox starts lives in one, so that even after a crash one
// write ends all of it (law 6).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where cgroup v2 is mounted (proc(5), mountinfo: the type follows the " - "). @throws when it is not. */
export function cgroupMount(): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((row) => row.includes(' - cgroup2 '));
  const path = line?.split(' ')[4];
  if (path === undefined) throw new Error('no cgroup v2 is mounted');
  return path;
}

/** Makes the cgroup and returns a command prefix that joins it and then becomes the command. */
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

/** Kills everything in the tree and removes it. cgroup.kill is one-shot: a later joiner lives, so it is repeated. */
export async function killCgroup(name: string): Promise<void> {
  const directory = join(cgroupMount(), name);
  for (let round = 0; existsSync(directory) && round < 200; round++) {
    writeFileSync(join(directory, 'cgroup.kill'), '1');
    try {
      removeTree(directory);
    } catch {
      await delay(10); // EBUSY until the dead are gone
    }
  }
  if (existsSync(directory)) throw new Error(`${directory} cannot be removed`);
}
