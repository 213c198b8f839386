// The cgroups of this host, opened when they are first needed. A host that has no usable cgroups still answers, and refuses visits (law 1).
import { openCgroups, type Cgroups, type FenceKind } from '../../adapters/cgroup.ts';
import type { CgroupHandle } from '../../adapters/cgroup-handle.ts';

/** Cgroups of connections (`c`) and sessions (`s`). All methods refuse with CGROUP_DOWN when this host has none. */
export interface LazyCgroups {
  /** @throws Refused CGROUP_DOWN when this host cannot make cgroups. */
  check(): Promise<void>;
  /** A new, empty cgroup. */
  create(kind: FenceKind, id: string): Promise<CgroupHandle>;
  find(kind: FenceKind, id: string): Promise<CgroupHandle | undefined>;
  /** The ids of all that exist. */
  all(kind: FenceKind): Promise<readonly string[]>;
}

/** @param name of the folder below which they are made. A failed attempt to open them is repeated at the next call. */
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
