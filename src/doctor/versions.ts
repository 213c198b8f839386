// Compares versions: of programs by their output, of Debian packages by dpkg(1).
import { find, run } from './look.ts';

/** The first `1.2`, `1.2.3` or `1.9.5p2` in a text; empty when there is none. */
export function versionIn(text: string): string {
  return /\d+(?:\.\d+)+(?:p\d+|[a-z])?/.exec(text)?.[0] ?? '';
}

/** The parts of `1.9.5p2` or `3.3a` as numbers, so that they can be compared. */
function partsOf(version: string): readonly number[] {
  const letters = version.replace(/[a-z]$/, (letter) => `.${letter.charCodeAt(0) - 96}`).replace('p', '.');
  return letters.split('.').map(Number);
}

/** Whether a version is the other one or later; false when it is empty. */
export function atLeast(version: string, least: string): boolean {
  if (version === '') return false;
  const [have, want] = [partsOf(version), partsOf(least)];
  for (let at = 0; at < Math.max(have.length, want.length); at++) {
    const [mine = 0, other = 0] = [have[at], want[at]];
    if (mine !== other) return mine > other;
  }
  return true;
}

/**
 * Whether a Debian package has a fix that its upstream version does not show. Only packages of the release that the fix names (`deb12`)
 * count, because other releases number differently.
 */
export async function isPatched(name: string, fixed: string): Promise<boolean> {
  if ((await find('dpkg-query')) === undefined) return false;
  const { code, out } = await run('dpkg-query', ['-W', '-f=${Version}', '--', name]);
  const release = /deb\d+/.exec(fixed)?.[0] ?? 'deb';
  if (code !== 0 || !out.includes(release)) return false;
  return (await run('dpkg', ['--compare-versions', out, 'ge', fixed])).code === 0;
}
