// The files of a package, laid out below a folder as they will be below /.
//
// 1. Two builds of one commit are equal to the byte: each file has the time of the commit and a mode that is written here, whatever the
//    umask, the clock and the folder of the build are.
// 2. Nothing that is laid out is in force by itself: the sudo rule and the sshd drop-in are examples until `tmux-gate init` writes them to /etc.
import { chmod, lutimes, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { globSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { installedByName } from '../../src/adapters/installed.ts';
import { must } from '../sandbox/exec.ts';
import { repo } from '../sandbox/layout.ts';
import { changelog, copyright, licences, type Release } from './texts.ts';

/** Where a family of packages has its things. */
export interface Family {
  readonly name: 'deb' | 'rpm';
  readonly programs: string;
  readonly zsh: string;
  readonly fish: string;
  /** What only this family has: from where, and where to. */
  readonly more: Readonly<Record<string, string>>;
}

export const debian: Family = {
  name: 'deb',
  programs: '/usr/lib/tmux-gate',
  zsh: '/usr/share/zsh/vendor-completions',
  fish: '/usr/share/fish/vendor_completions.d',
  more: { 'deploy/deb/lintian-overrides': '/usr/share/lintian/overrides/tmux-gate' },
};

/** SELinux lets sshd's children run what is below /usr/libexec (bin_t), and not what is below /usr/lib. */
export const fedora: Family = {
  name: 'rpm',
  programs: '/usr/libexec/tmux-gate',
  zsh: '/usr/share/zsh/site-functions',
  fish: '/usr/share/fish/vendor_completions.d',
  more: {},
};

/** What differs from one processor to another. */
export interface Binaries {
  readonly node: string;
  readonly pty: string;
  /** The `strip` of that processor. */
  readonly strip: string;
}

const built = join(repo, 'dist', debian.programs);
const executable = new Set(['gate', 'keeper', 'start', 'tmux-gate', 'evidence/verify.sh']);

/** Lays out all files. @param root a new, empty folder */
export async function layOut(root: string, family: Family, binaries: Binaries, release: Release): Promise<void> {
  const { programs } = family;
  /** What names the programs' folder, in shebangs, rules, the unit and texts, names that of this family. */
  const moved = (text: string): string => text.replaceAll(debian.programs, programs);
  const put = async (path: string, content: string | Buffer, mode = 0o644): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? moved(content) : content);
    await chmod(join(root, path), mode);
  };
  const copy = async (from: string, path: string): Promise<void> => put(path, await readFile(join(repo, from), 'utf8'));
  const packed = async (path: string, text: string): Promise<void> => put(path, gzipSync(moved(text), { level: 9 }));

  for (const name of builtFiles())
    await put(`${programs}/${name}`, await readFile(join(built, name), 'utf8'), executable.has(name) ? 0o755 : 0o644);
  await put(`${programs}/${installedByName}`, `${family.name}\n`);
  await mkdir(join(root, 'usr/sbin'), { recursive: true });
  await symlink(`../${programs.slice('/usr/'.length)}/tmux-gate`, join(root, 'usr/sbin/tmux-gate'));
  for (const [from, to] of Object.entries(placesOf(family))) await copy(from, to);
  for (const page of globSync('docs/man/*.[1-8]', { cwd: repo }).sort())
    await packed(`/usr/share/man/man${page.at(-1) ?? ''}/${page.slice('docs/man/'.length)}.gz`, await text(page));
  const docs = '/usr/share/doc/tmux-gate';
  await put(`${docs}/copyright`, copyright(release));
  await packed(`${docs}/third-party-licences.gz`, licences());
  await packed(`${docs}/NEWS.md.gz`, await text('CHANGELOG.md'));
  await packed(`${docs}/changelog.gz`, changelog(release));
  await mkdir(join(root, 'etc/tmux-gate'), { recursive: true });
  await placeBinaries(join(root, programs), binaries);
  await settle(root, release.epoch);
}

const text = async (path: string): Promise<string> => readFile(join(repo, path), 'utf8');

/** The built files, but for the two that differ from one processor to another, and for what a package has in /usr/share. */
function builtFiles(): readonly string[] {
  const all = globSync('**/*', { cwd: built }).filter((name) => statSync(join(built, name)).isFile());
  return all.filter((name) => name !== 'node' && name !== 'pty.node' && !name.startsWith('share/')).sort();
}

/** Rule 2. */
const placesOf = ({ zsh, fish, more }: Family): Readonly<Record<string, string>> => ({
  'deploy/tmux-gate.service': '/usr/lib/systemd/system/tmux-gate.service',
  'deploy/sysusers.conf': '/usr/lib/sysusers.d/tmux-gate.conf',
  'deploy/tmpfiles.conf': '/usr/lib/tmpfiles.d/tmux-gate.conf',
  'deploy/sudoers': '/usr/share/tmux-gate/sudoers',
  'sshd_config.example': '/usr/share/tmux-gate/sshd.conf',
  'deploy/config.yaml.example': '/usr/share/tmux-gate/config.yaml.example',
  'deploy/tmux.conf': '/usr/share/tmux-gate/tmux.conf',
  'deploy/redis.acl': '/usr/share/tmux-gate/redis.acl',
  'deploy/prometheus/alerts.yaml': '/usr/share/tmux-gate/prometheus/alerts.yaml',
  'deploy/prometheus/scrape.yaml': '/usr/share/tmux-gate/prometheus/scrape.yaml',
  'deploy/grafana/tmux-gate.json': '/usr/share/tmux-gate/grafana/tmux-gate.json',
  'deploy/completions/tmux-gate.bash': '/usr/share/bash-completion/completions/tmux-gate',
  'deploy/completions/_tmux-gate': `${zsh}/_tmux-gate`,
  'deploy/completions/tmux-gate.fish': `${fish}/tmux-gate.fish`,
  ...more,
});

async function placeBinaries(programs: string, { node, pty, strip }: Binaries): Promise<void> {
  for (const [from, name, mode] of [
    [node, 'node', 0o755],
    [pty, 'pty.node', 0o644],
  ] as const) {
    await must(strip, ['--strip-unneeded', '-o', join(programs, name), from]);
    await chmod(join(programs, name), mode);
  }
}

/** Rule 1. @param epoch in seconds */
export async function settle(root: string, epoch: number): Promise<void> {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    await lutimes(path, epoch, epoch);
  }
  await chmod(root, 0o755);
  await lutimes(root, epoch, epoch);
}
