// Whether a home is as useradd(8) made it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const skeleton = '/etc/skel';

/** Whether a home holds nothing but the files of /etc/skel, byte for byte. */
export async function isUntouchedHome(home: string): Promise<boolean> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const model = join(skeleton, path.slice(home.length));
    const [mine, original] = await Promise.all([readFile(path), readFile(model)].map(orNone));
    if (!entry.isFile() || mine === undefined || original === undefined || !mine.equals(original)) return false;
  }
  return true;
}

const orNone = async (reading: Promise<Buffer>): Promise<Buffer | undefined> => reading.catch(() => undefined);
