// Checks what the kernel must be able to do: cgroups that can be killed (law 6), and settings that separate processes.
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { release } from 'node:os';
import { cgroup2Mount, ourFolder } from '../adapters/cgroup.ts';
import { cgroupName } from '../wire/layout.ts';
import { fail, ok, unknown, warn, type Check, type Finding } from './check.ts';
import { isThere, statOf, textOf } from './look.ts';
import { atLeast, versionIn } from './versions.ts';
import type { Scene } from './scene.ts';

const version: Check = {
  id: 'kernel-version',
  about: 'Linux 5.14 or later: the first with cgroup.kill',
  look: async () => {
    const is = versionIn(release());
    return Promise.resolve([
      atLeast(is, '5.14')
        ? ok(`Linux ${is}`)
        : fail(`Linux ${is} cannot end a cgroup at once`, 'boot a kernel of 5.14 or later'),
    ]);
  },
};

const cgroup: Check = {
  id: 'kernel-cgroup',
  about: 'cgroup v2 is mounted for writing, has `cgroup.kill`, and our part of the tree belongs to root',
  look: async (scene) => {
    const mountinfo = (await textOf('/proc/self/mountinfo')) ?? '';
    const mount = cgroup2Mount(mountinfo);
    if (mount === undefined)
      return [
        fail(
          'no cgroup v2 is mounted',
          'boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup',
        ),
      ];
    const row = mountinfo.split('\n').find((one) => one.includes(' - cgroup2 ')) ?? '';
    if (row.split(' ')[5]?.split(',').includes('ro') === true)
      return [
        fail(
          `${mount.point} is mounted read-only`,
          'give the keeper a writable cgroup tree (Delegate=yes; in a container: cgroup namespace, rw)',
        ),
      ];
    return [await killFinding(scene, mount)];
  },
};

/** Searches cgroup.kill in our folder, or in any other: the root cgroup never has it. No cgroup is made to try. */
async function killFinding(
  { layout, root }: Scene,
  mount: NonNullable<ReturnType<typeof cgroup2Mount>>,
): Promise<Finding> {
  const service = `${mount.point}/system.slice/tmux-gate.service`;
  const ours = ourFolder(mount, undefined, cgroupName(layout.root));
  const named = [layout.root === '' ? service : ours, ours];
  const others = (await readdir(mount.point, { withFileTypes: true })).filter((one) => one.isDirectory());
  for (const folder of [...named, ...others.map(({ name }) => `${mount.point}/${name}`)]) {
    const stats = await statOf(folder);
    if (stats === undefined) continue;
    if (!(await isThere(`${folder}/cgroup.kill`)))
      return fail(`${folder} has no cgroup.kill`, 'boot a kernel of 5.14 or later');
    if (named.includes(folder) && stats.uid !== 0)
      return fail(`${folder} belongs to uid ${stats.uid}`, `chown root ${folder}`);
    if (root && !(await writable(mount.point))) return fail(`${mount.point} cannot be written`, 'mount it for writing');
    return ok(`${folder} has it`);
  }
  return unknown('there is no cgroup to check yet', 'start the keeper, then run this again');
}

const writable = async (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

const sysctl = async (path: string): Promise<string | undefined> => (await textOf(`/proc/sys/${path}`))?.trim();

const tiocsti: Check = {
  id: 'kernel-tiocsti',
  about: '`dev.tty.legacy_tiocsti = 0`: no process can put typed characters into a terminal',
  look: async () => {
    const is = await sysctl('dev/tty/legacy_tiocsti');
    if (is === '0') return [ok('off')];
    const why = is === undefined ? 'this kernel cannot switch TIOCSTI off (6.2 and later can)' : 'TIOCSTI is allowed';
    return [warn(why, 'sysctl -w dev.tty.legacy_tiocsti=0, and a file in /etc/sysctl.d')];
  },
};

const ptrace: Check = {
  id: 'kernel-ptrace',
  about: "`kernel.yama.ptrace_scope` of at least 1: people in one session do not trace each other's processes",
  look: async () => {
    const is = await sysctl('kernel/yama/ptrace_scope');
    if (is !== undefined && is !== '0') return [ok(`ptrace_scope is ${is}`)];
    const why = is === undefined ? 'this kernel has no Yama' : 'ptrace_scope is 0';
    return [
      warn(
        `${why}: processes of one account may trace each other`,
        "sysctl -w kernel.yama.ptrace_scope=1 (with Yama in the kernel's lsm= list)",
      ),
    ];
  },
};

const hidepid: Check = {
  id: 'kernel-hidepid',
  about: '/proc is mounted with `hidepid`: sessions do not see command lines of other accounts',
  look: async () => {
    const row =
      ((await textOf('/proc/self/mountinfo')) ?? '').split('\n').find((one) => / \/proc .* - proc /.test(one)) ?? '';
    const [, is = '0'] = /hidepid=(\w+)/.exec(row) ?? [];
    if (is !== '0' && is !== 'off') return [ok(`hidepid=${is}`)];
    return [
      warn(
        "sessions see every account's command lines in /proc",
        'mount -o remount,hidepid=invisible,gid=GROUP /proc, with the monitoring accounts in GROUP',
      ),
    ];
  },
};

export const kernelChecks: readonly Check[] = [version, cgroup, tiocsti, ptrace, hidepid];
