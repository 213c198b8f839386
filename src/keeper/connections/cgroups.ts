// The cgroups of this host, opened when first needed: a host that cannot fence a session still answers, and refuses (law 1).
import { openCgroups, type Cgroups, type FenceKind } from '../../adapters/cgroup.ts';
import type { CgroupHandle } from '../../adapters/cgroup-handle.ts';

export interface LazyCgroups {
  /** @throws Refused CGROUP_DOWN when this host cannot fence anything. */
  check(): Promise<void>;
  create(kind: FenceKind, id: string): Promise<CgroupHandle>;
  find(kind: FenceKind, id: string): Promise<CgroupHandle | undefined>;
  all(kind: FenceKind): Promise<readonly string[]>;
}

export function openLazyCgroups(name: string): LazyCgroups {
  let opened: Promise<Cgroups> | undefined;
  const cgroups = async (): Promise<Cgroups> => {
    opened ??= openCgroups(name);
    return opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
  };
  return {
    check: async () => {
      await cgroups();
    },
    create: async (kind, id) => (await cgroups()).create(kind, id),
    find: async (kind, id) => (await cgroups()).find(kind, id),
    all: async (kind) => (await cgroups()).all(kind),
  };
}
