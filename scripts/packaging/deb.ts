// The .deb, made by dpkg-deb of a tree (tree.ts) and the scripts of deploy/deb.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stateFormat } from '../../src/keeper/state/format.ts';
import { must } from '../sandbox/exec.ts';
import { repo } from '../sandbox/layout.ts';
import type { Architecture } from './binaries.ts';
import { description, maintainer, summary, type Release } from './texts.ts';
import { settle } from './tree.ts';

/** How it is packed: `none` is for tests, which install it once. One thread, since the number of threads changes the bytes. */
const packing = {
  xz: ['-Zxz', '-z9', '--threads-max=1'],
  none: ['-Znone'],
} as const;
export type Packing = keyof typeof packing;

const depends = [
  'libc6 (>= 2.28)',
  'libgcc-s1',
  'libstdc++6 (>= 9)',
  'openssh-server (>= 1:9.2)',
  'passwd',
  'sudo (>= 1.9)',
  'systemd (>= 252)',
  'tmux (>= 3.3)',
  'util-linux (>= 2.38)',
];

interface Entry {
  readonly path: string;
  readonly bytes: number;
  /** Undefined for a folder or a link. */
  readonly md5: string | undefined;
}

function entriesOf(root: string): readonly Entry[] {
  const all = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry): Entry => {
    const whole = join(entry.parentPath, entry.name);
    const path = relative(root, whole);
    if (entry.isDirectory()) return { path, bytes: 1024, md5: undefined };
    if (entry.isSymbolicLink()) return { path, bytes: readlinkSync(whole).length, md5: undefined };
    const content = readFileSync(whole);
    return { path, bytes: content.length, md5: createHash('md5').update(content).digest('hex') };
  });
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** As deb-control(5) has it. Installed-Size is in KiB, each file rounded up. */
function control({ version }: Release, architecture: Architecture, entries: readonly Entry[]): string {
  const size = entries.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 1024), 0);
  return `Package: tmux-gate
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${size}
Depends: ${depends.join(', ')}
Recommends: redis-server (>= 5:7.0) | valkey-server
Section: admin
Priority: optional
Description: ${summary}
${description.map((line) => ` ${line}`).join('\n')}
`;
}

/**
 * Packs a tree. @param root is given a folder DEBIAN.
 * @returns the path of the package.
 */
export async function packDeb(
  root: string,
  into: string,
  architecture: Architecture,
  { packed, ...release }: Release & { readonly packed: Packing },
): Promise<string> {
  const entries = entriesOf(root);
  const folder = join(root, 'DEBIAN');
  mkdirSync(folder);
  writeFileSync(join(folder, 'control'), control(release, architecture, entries));
  const sums = entries.flatMap(({ md5, path }) => (md5 === undefined ? [] : [`${md5}  ${path}\n`]));
  writeFileSync(join(folder, 'md5sums'), sums.join(''));
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) {
    const text = readFileSync(join(repo, 'deploy/deb', script), 'utf8').replace('@STATE_FORMAT@', String(stateFormat));
    writeFileSync(join(folder, script), text);
  }
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), /inst|rm$/.test(name) ? 0o755 : 0o644);
  await settle(root, release.epoch);
  const file = join(into, `tmux-gate_${release.version}_${architecture}.deb`);
  const words = ['--root-owner-group', ...packing[packed], '--build', root, file];
  await must('dpkg-deb', words, { env: { SOURCE_DATE_EPOCH: String(release.epoch) }, timeoutMs: 600_000 });
  return file;
}
