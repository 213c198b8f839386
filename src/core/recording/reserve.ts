// The disk space that has to stay free where the recordings are. They may share a disk with the journal, which must not run out of room.

const MiB = 1024 * 1024;

/** The reserve where the policy names none: 256 MiB, or a twentieth of a small disk. @param disk the size of the file system, bytes */
export function defaultReserve(disk: number): number {
  return Math.min(256 * MiB, Math.floor(disk / 20));
}

/** The reserve in force on a disk, bytes. @param reserve of the policy, bytes; undefined: the default */
export function reserveOf(disk: Pick<Disk, 'size'>, reserve: number | undefined): number {
  return reserve ?? defaultReserve(disk.size);
}

/** A file system: bytes in all, bytes that are free, and whether it has no inode left. */
export interface Disk {
  readonly size: number;
  readonly free: number;
  readonly noInodes: boolean;
}

/**
 * What the free space means for visits (docs/design.md, "When something is gone"): `low`: nobody is let in; `none`: everybody is disconnected.
 * @param policy the reserve of the policy, bytes; undefined: the default. 0: only a disk without inodes is low.
 */
export function spaceOn(disk: Disk, policy?: number): 'enough' | 'low' | 'none' {
  const reserve = reserveOf(disk, policy);
  if (disk.free < reserve / 2) return 'none';
  return disk.free < reserve || disk.noInodes ? 'low' : 'enough';
}
