// Builds the programs into dist/usr/lib/tmux-gate. Installing them means copying dist/usr to /usr.
//
// The gate has five files: `gate`, which every visit loads and which contains no package; `dashboard.js`, loaded for `watch`;
// `line-editor.js`, at the first question; `sftp.js`, for a client that speaks sftp; and `relay.js` with the pty, after "go".
// tests/architecture/gate-closure.test.ts reads the metafile that is written here.
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { chmod, copyFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const top = join(import.meta.dirname, '..');
/** Everything is built here and then renamed as a whole, so that an install at the same time gets either the old build or the new one. */
const draft = join(top, `dist.${process.pid}`);
const out = join(draft, 'usr/lib/tmux-gate');
const require = createRequire(import.meta.url);

/** Flags of every program: SIGUSR1 does not open a debugger's port, and no warnings are printed. */
const flags = '--disable-sigusr1 --no-warnings';
/**
 * Flags of the programs that connect to the provider and to receivers of notices: they use the host's proxy and trust its CAs. The young
 * generation is kept small; on a large machine V8 would let it grow by about 50 MB when somebody floods Redis.
 */
const networkFlags = `${flags} --max-semi-space-size=8 --use-system-ca --use-env-proxy`;
/** --expose-gc: src/gate/collect.ts. */
const gateFlags = `${flags} --max-semi-space-size=1 --v8-pool-size=1 --expose-gc`;
const shebang = (more: string): string => `#!/usr/bin/env -S /usr/lib/tmux-gate/node ${more}`;

/** The pty's native part is a file beside the bundle, `pty.node`. */
const ptyBinary: Plugin = {
  name: 'pty-binary',
  setup(builder) {
    builder.onLoad({ filter: /node-pty\/requireBinary\.js$/ }, () => ({
      contents: `exports.requireBinary = () => require('./pty.node');`,
      loader: 'js',
    }));
  },
};

/**
 * yargs measures its help with string-width, which builds its tables of all of Unicode when it is loaded: a third of the time
 * that each command takes. Ours knows the same widths and costs nothing before it is used.
 */
const ownWidth: Plugin = {
  name: 'own-width',
  setup(builder) {
    builder.onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'own-width' }));
    builder.onLoad({ filter: /.*/, namespace: 'own-width' }, () => ({
      contents: `export { widthOf as default } from './src/wire/width.ts';`,
      resolveDir: top,
    }));
  },
};

/** A package that the keeper loads when it first needs it is a file of its own, so that a start does not read it. */
const onFirstUse: Plugin = {
  name: 'on-first-use',
  setup(builder) {
    builder.onResolve({ filter: /^(?:nodemailer|prom-client)$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${path}.js`, external: true } : undefined,
    );
  },
};

/** CommonJS packages inside an ES module need these names. */
const commonJs = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = import.meta.filename, __dirname = import.meta.dirname;`,
].join('\n');

const common = {
  absWorkingDir: top,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  external: [
    './relay.js',
    './dashboard.js',
    './line-editor.js',
    './sftp.js',
    './pty.node',
    'cpu-features',
    './crypto/build/Release/sshcrypto.node',
  ],
  plugins: [ptyBinary, onFirstUse],
} satisfies BuildOptions;

async function program(entry: string, name: string, banner: string): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: [entry],
    outfile: join(out, name),
    banner: { js: banner },
  });
  return metafile;
}

async function desk(): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: { 'tmux-gate': 'src/cli/main.ts' },
    outdir: join(out, 'cli'),
    splitting: true,
    plugins: [ptyBinary, ownWidth],
    // yargs names its own __dirname; ssh2 asks for one.
    define: { __dirname: 'import.meta.dirname' },
    banner: { js: commonJs.split('\n').slice(0, 2).join('\n') },
  });
  return metafile;
}

/** What the page of a recording is made of (src/recordings/page/assets.ts). */
async function page(): Promise<void> {
  const folder = join(out, 'page');
  const shared = { ...common, platform: 'browser', format: 'iife', target: 'es2024', minify: true } as const;
  await build({ ...shared, entryPoints: ['src/recordings/page/browser/page.ts'], outfile: join(folder, 'page.js') });
  await build({ ...shared, entryPoints: ['src/recordings/page/page.css'], outfile: join(folder, 'page.css') });
  await copyFile(require.resolve('asciinema-player/dist/bundle/asciinema-player.min.js'), join(folder, 'player.js'));
  await copyFile(require.resolve('asciinema-player/dist/bundle/asciinema-player.css'), join(folder, 'player.css'));
}

/** By its name in meta.json: where it begins, the file that it becomes, and what stands before it. */
const programs: Readonly<Record<string, readonly [entry: string, name: string, banner: string]>> = {
  gate: ['src/gate/main.ts', 'gate', shebang(gateFlags)],
  dashboard: ['src/gate/dashboard.ts', 'dashboard.js', ''],
  lineEditor: ['src/gate/line-editor.ts', 'line-editor.js', ''],
  sftp: ['src/gate/sftp.ts', 'sftp.js', ''],
  relay: ['src/gate/relay.ts', 'relay.js', commonJs],
  keeper: ['src/keeper/main.ts', 'keeper', `${shebang(networkFlags)}\n${commonJs}`],
  nodemailer: ['nodemailer', 'nodemailer.js', commonJs],
  promClient: ['prom-client', 'prom-client.js', commonJs],
  history: ['src/keeper/history/worker.ts', 'history.js', commonJs],
  search: ['src/keeper/search/index-program.ts', 'search.js', commonJs],
  sealer: ['src/keeper/recordings/sealer.ts', 'sealer.js', commonJs],
  drawer: ['src/keeper/recordings/drawer.ts', 'drawer.js', commonJs],
  sudo: ['src/keeper/sudo-server.ts', 'sudo.js', ''],
  drift: ['src/doctor/drift-server.ts', 'drift.js', ''],
};

/** What `tmux-gate init` writes to a host, where no package has brought it. */
const templates = [
  ['deploy/sudoers', 'sudoers'],
  ['sshd_config.example', 'sshd.conf'],
  ['deploy/tmux.conf', 'tmux.conf'],
  ['deploy/config.yaml.example', 'config.yaml.example'],
] as const;

async function main(): Promise<void> {
  await mkdir(out, { recursive: true, mode: 0o755 });
  const built = Object.entries(programs).map(async ([key, given]) => [key, await program(...given)] as const);
  const metafiles = Object.fromEntries(await Promise.all([...built, desk().then((cli) => ['cli', cli] as const)]));
  await page();
  await writeFile(join(out, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(out, 'tmux-gate'), `${shebang(networkFlags)}\nawait import('./cli/tmux-gate.js');\n`);
  await copyFile(join(top, 'src/keeper/start.pl'), join(out, 'start'));
  for (const name of ['gate', 'keeper', 'tmux-gate', 'start']) await chmod(join(out, name), 0o755);
  await copyFile(ptyFile(), join(out, 'pty.node'));
  await mkdir(join(out, 'evidence'), { mode: 0o755 });
  for (const name of ['verify.sh', 'VERIFY.md'])
    await copyFile(join(top, 'src/evidence', name), join(out, 'evidence', name));
  await mkdir(join(out, 'share'), { mode: 0o755 });
  for (const [from, name] of templates) await copyFile(join(top, from), join(out, 'share', name));
  await link(join(top, 'node_modules/node/bin/node'), join(out, 'node'));
  await writeFile(join(draft, 'meta.json'), JSON.stringify(metafiles));
  const bytes = (await readFile(join(out, 'gate'))).length;
  await rm(join(top, 'dist'), { recursive: true, force: true });
  await rename(draft, join(top, 'dist'));
  process.stderr.write(`built ${bytes} bytes of gate into dist\n`);
}

function ptyFile(): string {
  const from = dirname(require.resolve('@lydell/node-pty/package.json'));
  return createRequire(join(from, 'package.json')).resolve(`@lydell/node-pty-linux-${process.arch}/pty.node`);
}

try {
  await main();
} finally {
  await rm(draft, { recursive: true, force: true });
}
