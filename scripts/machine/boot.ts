// Boots a host beside this one, with its own root file system and processes, and systemd as its first process. Its network is its caller's,
// which must not be that of this machine: so a provider on a loopback address is the same one before and after a reboot.
//
// 1. It shares no file with this host. Accident: its systemd-tmpfiles would empty the host's /tmp.
// 2. Disposing ends all of it at once. Its disk is its caller's, and may be booted again; its packed root file system stays in a cache.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killCgroup } from '../sandbox/cgroup.ts';
import { must, outcome, type Outcome } from '../sandbox/exec.ts';

const cache = '/var/cache/tmux-gate-fresh-host';
/** Its cgroup; one for each run, since ending it ends everything in it. */
const tree = `tmux-gate-fresh-host-${process.pid}`;
const powerOffMs = 60_000;

/** What a host of a release has from the start: a Debian or Ubuntu with sshd, and no more. */
const stock = [
  ...['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'openssh-server', 'openssh-client'],
  ...['iproute2', 'procps', 'ca-certificates', 'cron'],
];

/** What apt-get finds there without a network, as if it had just been fetched: what the package depends on or recommends. */
const fetched = ['sudo', 'tmux', 'redis-server'];

/** The releases that can be booted, and where they come from; without an address from Debian's own mirror. */
export const suites = {
  bookworm: { mirror: [], components: 'main', also: [] },
  trixie: { mirror: [], components: 'main', also: ['valkey-server'] },
  noble: { mirror: ['http://archive.ubuntu.com/ubuntu'], components: 'main,universe', also: [] },
  resolute: { mirror: ['http://archive.ubuntu.com/ubuntu'], components: 'main,universe', also: [] },
} as const;
export type Suite = keyof typeof suites;

export interface Machine extends AsyncDisposable {
  readonly root: string;
  /** The pid of its first process, as this host sees it. */
  readonly pid: number;
  /** Runs a program on that host, to its end. */
  run(...words: readonly string[]): Promise<Outcome>;
  /** Shuts it down as `systemctl poweroff` does. @throws Error when it is not off within a minute */
  powerOff(): Promise<void>;
}

/** What a host has besides, so that Ansible can manage it. */
export const forAnsible = ['python3', 'python3-apt', 'sudo'] as const;

/** What a cloud's image has besides. */
export const forCloudInit = ['cloud-init', 'curl', 'locales', 'sudo'] as const;

/** The packed root file system of a release; it is made where the cache has none. @param more packages that it has from the start */
export async function rootTar(suite: Suite = 'bookworm', more: readonly string[] = []): Promise<string> {
  const { mirror, components, also } = suites[suite];
  const included = [...stock, ...more];
  const later = [...fetched, ...also];
  const recipe = createHash('sha256')
    .update(JSON.stringify([included, later, mirror]))
    .digest('hex')
    .slice(0, 8);
  const tar = join(cache, `${suite}-${recipe}.tar`);
  if (existsSync(tar)) return tar;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const fetching = `chroot "$1" apt-get install --download-only --yes ${later.join(' ')}`;
  const options = [
    ...[
      '--quiet',
      '--format=tar',
      '--variant=minbase',
      `--include=${included.join(',')}`,
      `--components=${components}`,
    ],
    ...['--skip=cleanup/apt', '--aptopt=APT::Install-Recommends "true"', `--customize-hook=${fetching}`],
  ];
  await must('mmdebstrap', [...options, suite, `${tar}.new`, ...mirror], { timeoutMs: 900_000 });
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
  --network-namespace-path=/proc/self/ns/net --console=pipe --machine=prod-box
`;

/** Boots the host and waits until it runs. @param root its root file system. @throws Error when it does not within a minute */
export async function bootMachine(root: string): Promise<Machine> {
  writeFileSync(join(root, 'etc/hostname'), 'prod-box\n');
  const child = spawn('unshare', ['--mount', 'sh', '-c', start, 'sh', root, tree], { stdio: 'ignore' });
  const off = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    // What systemd had below it takes longer to go, on a busy machine, than what a sandbox has.
    for (let tries = 4; tries > 0; tries--) await killCgroup(tree).catch(() => undefined);
    await killCgroup(tree);
    // The named hierarchy of a host without systemd has no process of it any more.
    await outcome('find', [`/sys/fs/cgroup/systemd/${tree}`, '-depth', '-type', 'd', '-delete']);
  };
  try {
    const pid = await firstProcess(child);
    const run: Machine['run'] = async (...words) => outcome('nsenter', ['-t', String(pid), '-a', '--', ...words]);
    await untilRunning(run);
    const powerOff = async (): Promise<void> => {
      await run('systemctl', 'poweroff');
      const isOff = await Promise.race([off.then(() => true), delay(powerOffMs, false)]);
      if (!isOff) throw new Error('the host does not shut down');
    };
    return { root, pid, run, powerOff, [Symbol.asyncDispose]: close };
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
