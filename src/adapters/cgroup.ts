// Finds the place of tmux-gate's cgroups in the tree and makes them (cgroups(7); Linux, Documentation/admin-guide/cgroup-v2.rst).
//
// 1. One folder is ours: the one that systemd delegated to the service, otherwise one with our name below the mount. No cgroup outside it
//    is made, killed or removed.
// 2. Without cgroup.kill access is refused (law 1). Attack: before Linux 5.14 processes could only be killed pid by pid, and a fork bomb
//    is faster than that (threats C7). It is checked again for each new cgroup. Accident: the tree is unmounted while the keeper runs;
//    then a plain folder takes its place, and holds no process.
// 3. A name is used once. A cgroup that exists already is an error, because its processes and the newcomer's would be killed together.
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { Refused } from '../core/refusal.ts';
import { cgroupAt, isCode, type CgroupHandle } from './cgroup-handle.ts';

/** `s`: a session (its tmux server and all that runs in it). `c`: a connection (its tmux client). */
export type FenceKind = 's' | 'c';

/** Makes and finds the cgroups of sessions and connections. */
export interface Cgroups {
  /** The path of our folder. */
  readonly path: string;
  /** Makes a cgroup for a session or a connection. @throws Refused CGROUP_DOWN when it cannot be made, or exists (rule 3). */
  create(kind: FenceKind, id: string): Promise<CgroupHandle>;
  /** The cgroup that an earlier keeper made; undefined when there is none. */
  find(kind: FenceKind, id: string): Promise<CgroupHandle | undefined>;
  /** The ids of the cgroups that exist. */
  all(kind: FenceKind): Promise<readonly string[]>;
  /** Removes our folders where they are empty: used at the end of a sandbox. */
  removeEmpty(): Promise<void>;
}

/** Where cgroup v2 is mounted. */
export interface Mount {
  /** The part of the tree that is mounted: "/" unless it is a bind mount. */
  readonly root: string;
  readonly point: string;
}

const pathEscape = /\\([0-7]{3})/g;
const safeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const service = '/tmux-gate.service';

/** The first cgroup v2 mount in a mountinfo (proc(5): the type follows " - "; blanks are octal escapes); undefined when there is none. */
export function cgroup2Mount(mountinfo: string): Mount | undefined {
  for (const row of mountinfo.split('\n')) {
    const [left = '', right = ''] = row.split(' - ');
    const [, , , root, point] = left.split(' ');
    if (right.startsWith('cgroup2 ') && root !== undefined && point !== undefined) {
      return { root: unescape(root), point: unescape(point) };
    }
  }
  return undefined;
}

function unescape(path: string): string {
  return path.replace(pathEscape, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** The cgroup v2 that a /proc/PID/cgroup names, in its line "0::". */
export function ownCgroup(text: string): string | undefined {
  return text
    .split('\n')
    .find((row) => row.startsWith('0::'))
    ?.slice(3);
}

/**
 * The path of our folder (rule 1).
 * @param own the keeper's own cgroup.
 * @param name of our folder, where systemd delegated none.
 */
export function ourFolder(mount: Mount, own: string | undefined, name: string): string {
  const prefix = mount.root === '/' ? '' : mount.root;
  const delegated = own?.endsWith(service) === true && own.startsWith(`${prefix}/`);
  return delegated ? `${mount.point}${own.slice(prefix.length)}` : `${mount.point}/${name}`;
}

/**
 * Finds our folder and tries whether cgroups in it can be killed.
 * @param name of our folder below the mount, where systemd delegated none.
 * @throws Refused CGROUP_DOWN where they cannot (rule 2).
 */
export async function openCgroups(name: string): Promise<Cgroups> {
  try {
    const base = await locate(name);
    await probe(base);
    return cgroupsAt(base);
  } catch (cause) {
    throw new Refused('CGROUP_DOWN', {}, cause);
  }
}

async function locate(name: string): Promise<string> {
  const mount = cgroup2Mount(await readFile('/proc/self/mountinfo', 'utf8'));
  if (mount === undefined) throw new Error('no cgroup v2 is mounted');
  return ourFolder(mount, ownCgroup(await readFile('/proc/self/cgroup', 'utf8')), safe(name));
}

function safe(name: string): string {
  if (!safeName.test(name)) throw new Error(`no name of a cgroup: ${JSON.stringify(name)}`);
  return name;
}

/** Checks rule 2 on a child cgroup, because the root cgroup never has a cgroup.kill. */
async function probe(base: string): Promise<void> {
  const path = `${base}/probe-${process.pid}`;
  await mkdir(path, { recursive: true });
  try {
    await access(`${path}/cgroup.kill`, constants.W_OK);
    await access(`${path}/cgroup.freeze`, constants.W_OK);
  } finally {
    await rmdir(path);
  }
}

function cgroupsAt(base: string): Cgroups {
  const at = (kind: FenceKind, id: string): string => `${base}/${kind}/${safe(id)}`;
  return {
    path: base,
    create: (kind, id) => createFence(`${base}/${kind}`, () => at(kind, id)),
    find: async (kind, id) => ((await isThere(at(kind, id))) ? cgroupAt(at(kind, id)) : undefined),
    all: (kind) => foldersIn(`${base}/${kind}`),
    removeEmpty: async () => {
      for (const path of [`${base}/s`, `${base}/c`, base]) await rmdir(path).catch(() => undefined);
    },
  };
}

async function createFence(parent: string, path: () => string): Promise<CgroupHandle> {
  try {
    const own = path();
    await mkdir(parent, { recursive: true });
    await mkdir(own);
    await access(`${own}/cgroup.kill`, constants.W_OK).catch(async (error: unknown) => {
      await rmdir(own);
      throw error;
    });
    return cgroupAt(own);
  } catch (cause) {
    throw new Refused('CGROUP_DOWN', {}, cause);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(`${path}/cgroup.procs`);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

async function foldersIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
