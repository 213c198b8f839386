// The .rpm, made by rpmbuild of a tree (tree.ts) and deploy/rpm/tmux-gate.spec.
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stateFormat } from '../../src/keeper/state/format.ts';
import { must } from '../sandbox/exec.ts';
import { repo } from '../sandbox/layout.ts';
import type { Architecture } from './binaries.ts';
import type { Packing } from './deb.ts';
import { description, summary, type Release } from './texts.ts';

/** How it is packed; `none` is for tests. */
const payload = { xz: 'w15.zstdio', none: 'w1.zstdio' } as const;

const machine = { amd64: 'x86_64', arm64: 'aarch64' } as const;

/** @param work a new, empty folder. @returns the path of the package */
export async function packRpm(
  { root, work, into }: { readonly root: string; readonly work: string; readonly into: string },
  architecture: Architecture,
  { version, epoch, packed }: Release & { readonly packed: Packing },
): Promise<string> {
  const spec = readFileSync(join(repo, 'deploy/rpm/tmux-gate.spec'), 'utf8')
    .replaceAll('@VERSION@', version)
    .replaceAll('@STATE_FORMAT@', String(stateFormat))
    .replaceAll('@SUMMARY@', summary)
    .replaceAll('@DESCRIPTION@', description.join('\n'))
    .replaceAll('@PAYLOAD@', payload[packed])
    .replaceAll('@TREE@', root);
  mkdirSync(work, { recursive: true });
  const file = join(work, 'tmux-gate.spec');
  writeFileSync(file, spec);
  const defined = { _topdir: join(work, 'top'), _buildhost: 'reproducible', use_source_date_epoch_as_buildtime: '1' };
  const more = {
    clamp_mtime_to_source_date_epoch: '1',
    source_date_epoch_from_changelog: '0',
    _build_id_links: 'none',
  };
  const words = Object.entries({ ...defined, ...more }).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const target = `${machine[architecture]}-linux`;
  await must('rpmbuild', ['-bb', '--quiet', '--target', target, ...words, file], {
    env: { SOURCE_DATE_EPOCH: String(epoch) },
    timeoutMs: 600_000,
  });
  const [made] = globSync(join(work, 'top/RPMS/*/*.rpm'));
  if (made === undefined) throw new Error('rpmbuild made no package');
  const to = join(into, basename(made));
  renameSync(made, to);
  return to;
}
