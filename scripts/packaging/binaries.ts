// Node and the pty of a processor: of this one from node_modules, of another one from npm.
//
// 1. Nothing is taken whose SHA-512 is not the one that is written here or in package-lock.json. Attack: the registry, or whoever is between,
//    serves another binary, which every host would run as root.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { must } from '../sandbox/exec.ts';
import { repo } from '../sandbox/layout.ts';
import type { Binaries } from './tree.ts';

/** As Debian names them. */
export type Architecture = 'amd64' | 'arm64';

const cache = '/var/cache/tmux-gate-package';
const npmName = { amd64: 'x64', arm64: 'arm64' } as const;
const stripOf = { amd64: 'x86_64-linux-gnu-strip', arm64: 'aarch64-linux-gnu-strip' } as const;

interface Pinned {
  readonly version: string;
  readonly integrity: string;
}

/** Its lock file is its own, since the package `node` installs these by itself. */
const pinnedNode: Readonly<Partial<Record<Architecture, Pinned>>> = {
  arm64: {
    version: '26.10.0',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
};

/** @throws Error when npm has no binary for that processor, or another one than is pinned */
export async function binariesOf(architecture: Architecture): Promise<Binaries> {
  const strip = stripOf[architecture];
  if (npmName[architecture] === process.arch)
    return { node: join(repo, 'node_modules/node/bin/node'), pty: ownPty(), strip };
  const node = pinnedNode[architecture];
  if (node === undefined) throw new Error(`no Node is pinned for ${architecture}`);
  const other = npmName[architecture];
  return {
    node: join(await unpacked(`node-linux-${other}`, node), 'bin/node'),
    pty: join(await unpacked(`@lydell/node-pty-linux-${other}`, lockedPty(other)), 'pty.node'),
    strip,
  };
}

function ownPty(): string {
  const require = createRequire(import.meta.url);
  const from = dirname(require.resolve('@lydell/node-pty/package.json'));
  return createRequire(join(from, 'package.json')).resolve(`@lydell/node-pty-linux-${process.arch}/pty.node`);
}

function lockedPty(architecture: string): Pinned {
  const { packages } = JSON.parse(readFileSync(join(repo, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Pinned>>;
  };
  const locked = packages[`node_modules/@lydell/node-pty-linux-${architecture}`];
  if (locked === undefined) throw new Error(`package-lock.json has no pty for ${architecture}`);
  return locked;
}

/** The folder of a package of npm, fetched once. @throws Error when it is not the one that is pinned */
async function unpacked(name: string, { version, integrity }: Pinned): Promise<string> {
  const folder = join(cache, `${name.replace('/', '-')}-${version}`);
  const archive = `${folder}.tgz`;
  if (!existsSync(archive)) await fetchArchive(`${name}@${version}`, archive);
  keepOnly(archive, integrity);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await must('tar', ['-C', folder, '--strip-components=1', '--no-same-owner', '-xzf', archive]);
  return folder;
}

/** Rule 1. @throws Error when the file has another digest; then it is removed */
export function keepOnly(archive: string, integrity: string): void {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found === integrity) return;
  rmSync(archive);
  throw new Error(`${archive} has the digest ${found}, and ${integrity} is pinned`);
}

async function fetchArchive(spec: string, archive: string): Promise<void> {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const draft = mkdtempSync(join(cache, 'new-'));
  try {
    const env = { HOME: process.env['HOME'] ?? '/root', ...npmEnvironment() };
    const said = await must('npm', ['pack', spec, '--json', '--pack-destination', draft], { timeoutMs: 600_000, env });
    const [packed] = JSON.parse(said) as readonly { readonly filename: string }[];
    if (packed === undefined) throw new Error(`npm packed no ${spec}`);
    const file = packed.filename.replace(/^@/, '').replace('/', '-');
    renameSync(join(draft, file), archive);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Which registry and proxy this machine uses. */
const npmEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^(?:npm_config_|https?_proxy$|no_proxy$|NODE_EXTRA_CA)/i.test(name) && value !== undefined
        ? [[name, value]]
        : [],
    ),
  );
