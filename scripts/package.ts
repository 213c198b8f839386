// Builds the packages of this checkout; dist is built. Started by scripts/package, which says what its options mean.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { outcome } from './sandbox/exec.ts';
import { repo } from './sandbox/layout.ts';
import { buildPackage, kinds, type Kind } from './packaging/build.ts';
import { releaseOf } from './packaging/texts.ts';

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    into: { type: 'string', default: join(repo, 'packages') },
    version: { type: 'string' },
    check: { type: 'boolean', default: false },
    unpacked: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const isKind = (text: string): text is Kind => (kinds as readonly string[]).includes(text);
const usual: readonly Kind[] = ['deb-amd64', 'deb-arm64', 'rpm-amd64'];

interface Made {
  readonly file: string;
  readonly kind: Kind;
  readonly bytes: number;
  readonly sha256: string;
}

async function make(kind: Kind, into: string): Promise<Made> {
  mkdirSync(into, { recursive: true });
  const file = await buildPackage(kind, into, { ...releaseOf(given.version), packed: given.unpacked ? 'none' : 'xz' });
  const content = readFileSync(file);
  return { file, kind, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** @throws Error when a second build, elsewhere, is not equal; or when lintian finds an error */
async function check({ kind, file, sha256 }: Made): Promise<void> {
  const elsewhere = mkdtempSync(join(tmpdir(), 'tmux-gate-package-'));
  try {
    const again = await make(kind, elsewhere);
    if (again.sha256 !== sha256) throw new Error(`${basename(file)}: two builds, ${sha256} and ${again.sha256}`);
    if (!file.endsWith('.deb')) return;
    const { code, stdout } = await outcome('lintian', ['--fail-on', 'error', '--allow-root', file], {
      timeoutMs: 300_000,
    });
    process.stderr.write(stdout);
    if (code !== 0) throw new Error(`lintian does not accept ${basename(file)}`);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 100_000) / 10;

function report(all: readonly Made[]): string {
  if (!given.json)
    return all
      .map(({ file, bytes, sha256 }) => `${basename(file)}  ${megabytes(bytes)} MB  sha256 ${sha256}\n`)
      .join('');
  const deb = given.unpacked ? undefined : all.find(({ kind }) => kind === 'deb-amd64');
  const sizes = deb === undefined ? {} : { deb_mb: megabytes(deb.bytes) };
  return `${JSON.stringify({ ...sizes, packages: all.map(({ file, ...more }) => ({ file: basename(file), ...more })) })}\n`;
}

async function main(): Promise<void> {
  const chosen = given.only.length === 0 ? usual : given.only.filter(isKind);
  if (chosen.length < given.only.length) throw new Error(`--only takes one of ${kinds.join(', ')}`);
  const made: Made[] = [];
  for (const kind of chosen) made.push(await make(kind, given.into));
  if (given.check) for (const each of made) await check(each);
  process.stdout.write(report(made));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`package: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
