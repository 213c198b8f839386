// Whether the programs on disk are still those that run: after an update without a restart they are not.
//
// 1. Files are compared by what they hold, since an update may write the same again. A digest is made only where a file changed its inode,
//    size or time.
import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Watches the programs of this process. */
export interface Programs {
  /** The names of those that were changed on disk since this process started. */
  changed(): Promise<readonly string[]>;
}

interface Known {
  readonly stats: Pick<Stats, 'ino' | 'size' | 'mtimeMs'>;
  readonly digest: string;
}

const isSame = (a: Known['stats'], b: Known['stats']): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest);
  return digest.digest('hex');
}

/** Remembers the keeper's program as it is now. @param folder of the programs */
export async function openPrograms(folder: string): Promise<Programs> {
  const path = `${folder}/keeper`;
  let known: Known = { stats: await stat(path), digest: await digestOf(path) };
  return {
    changed: async () => {
      const stats = await stat(path).catch(() => undefined);
      const isOther = stats === undefined || !(isSame(stats, known.stats) || (await digestOf(path)) === known.digest);
      if (!isOther) known = { ...known, stats };
      return [...(isOther ? ['keeper'] : []), ...((await isOtherNode(`${folder}/node`)) ? ['node'] : [])];
    },
  };
}

/** The Node that runs can be looked at when its file is gone (proc(5), /proc/pid/exe); it has 140 MB, so its size has to do. */
async function isOtherNode(path: string): Promise<boolean> {
  const [running, there] = await Promise.all([stat('/proc/self/exe'), stat(path).catch(() => undefined)]);
  return there?.size !== running.size;
}
