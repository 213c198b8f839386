// How the programs came to this host. A package has a file beside them that says so. A checkout has none, and its installation replaces
// the whole folder (deploy/install.sh, rule 3). So the file tells who put the programs there last, which dpkg and rpm cannot.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstalledBy } from '../core/messages/shipped.ts';

/** The file's name. */
export const installedByName = 'installed-by';

/** Who installed the programs in a folder; `checkout` where no package says that it did. */
export function installedBy(programs: string): InstalledBy {
  const said = textOf(join(programs, installedByName)).trim();
  return said === 'deb' || said === 'rpm' ? said : 'checkout';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
