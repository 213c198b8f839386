// Boots a host beside this one, with its own root file system, network and processes, and systemd as its first process.
//
// 1. It shares no file with this host. Accident: its systemd-tmpfiles would empty the host's /tmp.
// 2. Disposing ends all of it at once. Its disk is its caller's, and may be booted again; its packed root file system stays in a cache.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killCgroup } from '../sandbox/cgroup.ts';
import { must, outcome, type Outcome } from '../sandbox/exec.ts';

const cache = '/var/cache/tmux-gate-booted';
const tree = 'tmux-gate-booted';
const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'openssh-server', 'openssh-client', 'sudo', 'tmux'],
  ...['redis-server', 'util-linux', 'iproute2', 'procps', 'ca-certificates', 'cron'],
];

export interface Machine extends AsyncDisposable {
  readonly root: string;
  /** The pid of its first process, as this host sees it. */
  readonly pid: number;
  /** Runs a program on that host, to its end. */
  run(...words: readonly string[]): Promise<Outcome>;
}

/** The packed root file system; it is made where the cache has none. */
export async function rootTar(): Promise<string> {
  const tar = join(cache, 'bookworm.tar');
  if (existsSync(tar)) return tar;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const words = ['--variant=minbase', `--include=${packages.join(',')}`, 'bookworm', `${tar}.new`];
  await must('mmdebstrap', ['--quiet', '--format=tar', ...words], { timeoutMs: 900_000 });
  renameSync(`${tar}.new`, tar);
  return tar;
}

/** systemd-nspawn needs a tmpfs at its folder and cgroups of its own. Both are made in namespaces that end with it. */
const start = `
mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn
for mount in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  [ -e "$mount/cgroup.procs" ] && mkdir -p "$mount/$2" && echo $$ >"$mount/$2/cgroup.procs"
done
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --directory="$1" --boot --register=no --keep-unit \\
  --private-network --console=pipe --machine=prod-box
`;

/** Boots the host and waits until it runs. @param root its root file system. @throws Error when it does not within a minute */
export async function bootMachine(root: string): Promise<Machine> {
  writeFileSync(join(root, 'etc/hostname'), 'prod-box\n');
  const child = spawn('unshare', ['--mount', 'sh', '-c', start, 'sh', root, tree], { stdio: 'ignore' });
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await killCgroup(tree);
    // The named hierarchy of a host without systemd has no process of it any more.
    await outcome('find', [`/sys/fs/cgroup/systemd/${tree}`, '-depth', '-type', 'd', '-delete']);
  };
  try {
    const pid = await firstProcess(child);
    const run: Machine['run'] = async (...words) => outcome('nsenter', ['-t', String(pid), '-a', '--', ...words]);
    await untilRunning(run);
    return { root, pid, run, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstProcess({ pid = 0 }: ChildProcess): Promise<number> {
  for (let tries = 0; tries < 300; tries++) {
    const file = `/proc/${pid}/task/${pid}/children`;
    const [child] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
    if (child !== undefined && child !== '' && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'systemd')
      return Number(child);
    await delay(100);
  }
  throw new Error('systemd-nspawn did not boot');
}

async function untilRunning(run: Machine['run']): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const { stdout } = await run('systemctl', 'is-system-running');
    if (/^(?:running|degraded)/.test(stdout)) return;
    await delay(200);
  }
  throw new Error('the host did not come up');
}
