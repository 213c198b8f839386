// The disk of a booted host, whose power can be cut: an ext4 file system in a file.
//
// 1. A cut is ext4's own (EXT4_IOC_SHUTDOWN without a flush of its log, made for tests of crashes): from that instant on nothing reaches the
//    file, and what was only in the page cache is lost, as in a real power cut. What is not played: a drive that loses or reorders what it
//    said it had written, since the file below has each block that was submitted.
// 2. Disposing removes it, mounted or not.
// 3. What is mounted again is a copy. Accident: while a mount namespace of another program still has the old one, the file system stays the one
//    that was cut.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must, outcome } from '../sandbox/exec.ts';

const size = '3G';
/** EXT4_IOC_SHUTDOWN and EXT4_GOING_FLAGS_NOLOGFLUSH (the kernel's fs/ext4/ext4.h). */
const cut = 'open my $disk, "<", $ARGV[0] or die $!; my $how = pack "L", 2; ioctl $disk, 0x8004587d, $how or die $!';

export interface Disk extends AsyncDisposable {
  /** Where it is mounted. */
  readonly root: string;
  /** Rule 1. */
  cutPower(): Promise<void>;
  /** Mounts it again, after everything that used it is gone; ext4 replays its log, as at a boot. */
  mountAgain(): Promise<void>;
}

/** Makes one from an archive of a root file system. @throws Error when it cannot be made */
export async function openDisk(archive: string): Promise<Disk> {
  const folder = mkdtempSync('/var/tmp/tmux-gate-fresh-host-');
  const [image, root] = [join(folder, 'disk'), join(folder, 'root')];
  mkdirSync(root);
  const mount = async (): Promise<unknown> => must('mount', ['-o', 'loop', image, root]);
  const close = async (): Promise<void> => {
    await outcome('umount', ['-l', root]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await must('truncate', ['-s', size, image]);
    await must('mkfs.ext4', ['-q', image]);
    await mount();
    await must('tar', ['-C', root, '-xf', archive], { timeoutMs: 300_000 });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    root,
    cutPower: async () => {
      await must('perl', ['-e', cut, root]);
    },
    mountAgain: async () => {
      await must('umount', [root]);
      // Rule 3.
      await must('cp', ['--sparse=always', image, `${image}.again`], { timeoutMs: 300_000 });
      renameSync(`${image}.again`, image);
      await mount();
    },
    [Symbol.asyncDispose]: close,
  };
}
