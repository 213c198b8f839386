// What the gate loads before "go". It runs as root's process on behalf of somebody who has proved nothing, so every module in
// it is one that an attacker can reach: the list is short, and each absence has a reason.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './sources.ts';

interface Output {
  readonly bytes: number;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}
interface Bundle {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, Output>>;
}

const budget = 40 * 1024;
const builtIns = [
  ...['node:child_process', 'node:fs', 'node:net', 'node:os', 'node:tty'],
  ...['./dashboard.js', './line-editor.js', './relay.js', './sftp.js'],
];

const forbidden: Readonly<Record<string, string>> = {
  'src/core/policy.ts': 'the gate decides nothing: a decision made there could be bent by whoever bends the gate',
  'src/core/identity.ts': 'the gate proves nothing: identity is the work of the keeper (law 2)',
  'src/core/grant.ts': 'the gate holds no grants: it knows only the end that the keeper told it',
  'src/core/request.ts': 'the gate holds no requests and counts no reviews (law 3)',
  'src/core/sign-in.ts': 'the gate remembers nobody',
  'src/core/chain.ts': 'the gate writes no journal',
  'src/core/policy-types.ts': 'the gate reads no policy',
  'src/config/load.ts': 'the gate parses no configuration: a parser is surface',
  'src/config/schema.ts': 'zod takes 18 ms to load and is surface',
  'src/adapters/keys.ts': 'the gate never holds a key',
  'src/adapters/oidc.ts': 'the gate speaks to no network',
  'src/adapters/redis/store.ts': 'the gate speaks to no network',
  'src/adapters/journal/journal.ts': 'one writer: the keeper',
  'src/adapters/tmux.ts':
    'the gate talks to no tmux server: that is the session account, and hostile (docs/design.md, "One visit")',
  'src/adapters/log.ts': 'what the gate has to say goes to the person and to the keeper',
  'src/keeper/compose.ts': 'the keeper is another process, and why is docs/design.md, "One visit"',
  'src/cli/main.ts': 'the gate takes no arguments',
  'src/gate/relay.ts': 'the pty is loaded after "go"',
  'src/gate/recording.ts': 'nothing is recorded before "go"',
  'node_modules/@lydell/node-pty/index.js': 'native code: not before "go"',
  'node_modules/zod/package.json': 'a package; 18 ms',
  'node_modules/yargs/package.json': 'a package; 29 ms; and the gate takes no arguments',
  'node_modules/ioredis/package.json': 'a package; 31 ms; network',
  'node_modules/openid-client/package.json': 'a package; network',
  'node_modules/winston/package.json': 'a package',
  'node_modules/yaml/package.json': 'a parser',
};

let meta: Readonly<Record<'gate' | 'dashboard' | 'relay' | 'sftp', Bundle>>;
beforeAll(() => {
  const file = join(top, 'dist/meta.json');
  if (!existsSync(file)) throw new Error('nothing is built: npm run build');
  const built = statSync(file).mtimeMs;
  const newer = globSync('src/{gate,wire,core}/*.ts', { cwd: top }).filter(
    (path) => statSync(join(top, path)).mtimeMs > built,
  );
  if (newer.length > 0) throw new Error(`dist is older than ${newer.join(', ')}: npm run build`);
  meta = JSON.parse(readFileSync(file, 'utf8')) as typeof meta;
});

const outputOf = (bundle: Bundle): Output => Object.values(bundle.outputs)[0]!;

describe('before "go" the gate', () => {
  test('law 10: is made of src/gate, src/wire and src/core alone', () => {
    for (const input of Object.keys(meta.gate.inputs)) expect(input).toMatch(/^src\/(?:gate|wire|core)\//);
  });

  test('law 10: loads no other built-in modules than these, and its other files only when they are reached', () => {
    const { imports } = outputOf(meta.gate);
    expect([...new Set(imports.map(({ path }) => path))].sort()).toEqual([...builtIns].sort());
    for (const { path, kind } of imports) expect(kind === 'dynamic-import').toBe(path.startsWith('./'));
  });

  test('fits its budget: what it has to load is what everybody waits for', () => {
    expect(outputOf(meta.gate).bytes).toBeLessThan(budget);
  });

  test.each(Object.entries(forbidden))('does not load %s: %s', (module) => {
    const folder = module.replace(/package\.json$/, '');
    expect(Object.keys(meta.gate.inputs).filter((input) => input.startsWith(folder))).toEqual([]);
  });

  test.each(Object.keys(forbidden))('could load %s: it exists, so the rule above means something', (module) => {
    expect(existsSync(join(top, module))).toBe(true);
  });
});

describe('the dashboard, loaded before "go" by whoever watches', () => {
  test('law 10: is made of src/gate, src/wire and src/core alone, and loads nothing', () => {
    for (const input of Object.keys(meta.dashboard.inputs)) expect(input).toMatch(/^src\/(?:gate|wire|core)\//);
    expect(outputOf(meta.dashboard).imports).toEqual([]);
  });

  test.each(Object.keys(forbidden))('does not load %s either', (module) => {
    const folder = module.replace(/package\.json$/, '');
    expect(Object.keys(meta.dashboard.inputs).filter((input) => input.startsWith(folder))).toEqual([]);
  });
});

test('law 10: the answers in sftp, loaded before "go" by whoever is refused in it, are one file that loads nothing', () => {
  expect(Object.keys(meta.sftp.inputs)).toEqual(['src/gate/sftp.ts']);
  expect(outputOf(meta.sftp).imports).toEqual([]);
});

describe('after "go" the relay', () => {
  test('adds the pty and no other package', () => {
    const outside = Object.keys(meta.relay.inputs).filter((input) => !/^src\/(?:gate|wire|core)\//.test(input));
    for (const input of outside) expect(input).toMatch(/^node_modules\/@lydell\/node-pty\//);
  });

  test.each(['policy', 'identity', 'grant', 'request', 'sign-in'])(
    'decides as little as before: no core/%s',
    (module) => {
      expect(Object.keys(meta.relay.inputs)).not.toContain(`src/core/${module}.ts`);
    },
  );
});
