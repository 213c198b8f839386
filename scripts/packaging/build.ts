// One package, from the built programs to the file.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binariesOf, type Architecture } from './binaries.ts';
import { packDeb, type Packing } from './deb.ts';
import { packRpm } from './rpm.ts';
import type { Release } from './texts.ts';
import { debian, fedora, layOut } from './tree.ts';

export const kinds = ['deb-amd64', 'deb-arm64', 'rpm-amd64', 'rpm-arm64'] as const;
export type Kind = (typeof kinds)[number];

/** @param into an existing folder. @returns the path of the package. @throws Error when it cannot be made */
export async function buildPackage(
  kind: Kind,
  into: string,
  release: Release & { readonly packed: Packing },
): Promise<string> {
  const [format, architecture] = kind.split('-') as [format: 'deb' | 'rpm', Architecture];
  const folder = mkdtempSync(join(tmpdir(), 'tmux-gate-package-'));
  const root = join(folder, 'root');
  mkdirSync(root);
  try {
    await layOut(root, format === 'deb' ? debian : fedora, await binariesOf(architecture), release);
    if (format === 'deb') return await packDeb(root, into, architecture, release);
    return await packRpm({ root, work: join(folder, 'work'), into }, architecture, release);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
