// Who may import whom: down only (design section 10), so that what decides never depends on what it is served by.
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { roomOf, sources, walk, type Import, type Source } from './sources.ts';

const all = sources('src/**/*.ts');
const byPath = new Map(all.map((source) => [source.path, source]));

interface Room {
  readonly rooms: readonly string[];
  /** Packages and built-ins; `null` where each file may have a package of its own. */
  readonly packages: readonly RegExp[] | null;
}

const builtIn = /^node:/;
const rooms: Readonly<Record<string, Room>> = {
  core: { rooms: ['core'], packages: [] },
  wire: { rooms: ['core', 'wire'], packages: [] },
  gate: { rooms: ['core', 'wire', 'gate'], packages: [builtIn, /^@lydell\/node-pty$/] },
  config: { rooms: ['core', 'config'], packages: [builtIn, /^(?:zod|yaml)$/] },
  adapters: { rooms: ['core', 'config', 'adapters'], packages: null },
  keeper: { rooms: ['core', 'wire', 'config', 'adapters', 'keeper'], packages: [builtIn] },
  doctor: { rooms: ['core', 'wire', 'config', 'adapters', 'doctor'], packages: [builtIn] },
  cli: { rooms: ['core', 'wire', 'config', 'adapters', 'doctor', 'cli'], packages: [builtIn, /^yargs(?:\/helpers)?$/] },
};

const isOurs = ({ of }: Import): boolean => of.startsWith('src/');
const outside = ({ imports }: Source): readonly string[] =>
  imports.filter((one) => !isOurs(one) && one.of !== 'package.json').map(({ of }) => of);

test('every file lies in a room with rules', () => {
  for (const { path } of all) expect(Object.keys(rooms)).toContain(roomOf(path));
});

describe.each(Object.entries(rooms))('%s', (name, room) => {
  const files = all.filter(({ path }) => roomOf(path) === name);

  test('imports only from rooms at its level or below', () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports
        .filter(isOurs)
        .filter(({ of }) => !room.rooms.includes(roomOf(of)))
        .map(({ of }) => `${path} -> ${of}`),
    );
    expect(wrong).toEqual([]);
  });

  test('loads only its own packages', () => {
    const wrong = files.flatMap((source) =>
      outside(source)
        .filter((of) => room.packages !== null && !room.packages.some((allowed) => allowed.test(of)))
        .map((of) => `${source.path} -> ${of}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Who loads a file's values, and whether only when it is reached. */
const reaching = (file: string): readonly { readonly path: string; readonly lazy: boolean }[] =>
  all.flatMap(({ path, imports }) =>
    imports.filter(({ of, type }) => of === file && !type).map(({ lazy }) => ({ path, lazy })),
  );

test('the pty is loaded by one file, which the relay alone loads, and the relay only when it is reached', () => {
  const loading = all.filter(({ imports }) => imports.some(({ of }) => of === '@lydell/node-pty'));
  expect(loading.map(({ path }) => path)).toEqual(['src/gate/pty.ts']);
  expect(reaching('src/gate/pty.ts')).toEqual([{ path: 'src/gate/relay.ts', lazy: false }]);
  expect(reaching('src/gate/relay.ts')).toEqual([{ path: 'src/gate/main.ts', lazy: true }]);
});

/** `src/adapters/oidc-token.ts` and `src/adapters/oidc.ts` are one trade; so is a folder. */
const tradeOf = (path: string): string => /^src\/adapters\/([a-z]+)/.exec(path)?.[1] ?? '';

/** Values that one trade takes from another: none but this. */
const shared: Readonly<Record<string, string>> = {
  'src/adapters/processes.ts': 'reads proc(5), which has no package and no state; cgroups and tmux both name processes',
  'src/adapters/child.ts': 'words alone: tmux, hooks and Redis begin their programs alike',
  'src/adapters/durable.ts':
    'replaces a file durably, with no package and no state; keys, journal and state files must not each do it in their own way',
};

test('no adapter knows another but by type', () => {
  const wrong = all
    .filter(({ path }) => roomOf(path) === 'adapters')
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ of, type }) => !type && of.startsWith('src/adapters/') && tradeOf(of) !== tradeOf(path))
        .filter(({ of }) => !Object.hasOwn(shared, of))
        .map(({ of }) => `${path} -> ${of}`),
    );
  expect(wrong).toEqual([]);
  for (const path of Object.keys(shared)) expect(byPath.has(path)).toBe(true);
});

test('an adapter has at most one package', () => {
  const packages = new Map<string, Set<string>>();
  for (const source of all.filter(({ path }) => roomOf(path) === 'adapters')) {
    const trade = tradeOf(source.path);
    const named = packages.get(trade) ?? new Set();
    for (const of of outside(source)) if (!builtIn.test(of)) named.add(of);
    packages.set(trade, named);
  }
  for (const [trade, named] of packages)
    expect({ trade, packages: named.size }).toEqual({ trade, packages: Math.min(named.size, 1) });
});

/** Who else may construct something that holds state or a connection, and why. */
const constructors: Readonly<Record<string, string>> = {
  'src/keeper/house.ts': 'the one place where everything is put together',
  'src/keeper/main.ts': 'openLog: a house that cannot be built is logged, too',
  'src/keeper/fences.ts': 'openCgroups: on first need, so that a host that cannot fence still answers (law 1)',
  'src/keeper/sessions.ts': 'startServer: a tmux server is a thing of a session, not of the house',
  'src/keeper/history/worker.ts': 'openKeys: a thread of its own shares nothing with the house',
  'src/cli/audit.ts': 'openKeys: reads the journal where no keeper runs',
  'src/cli/policy-check.ts': 'openSource: asks who is on call where no keeper runs',
};

test('only the house constructs adapters', () => {
  const made = all
    .filter(({ path }) => ['keeper', 'cli'].includes(roomOf(path)))
    .filter((source) => constructs(source))
    .map(({ path }) => path);
  expect(made.sort()).toEqual(Object.keys(constructors).sort());
});

/** Whether a file calls something of an adapter that opens or starts. */
function constructs({ file }: Source): boolean {
  const openers = new Set<string>();
  let found = false;
  walk(file, (node) => {
    if (ts.isImportDeclaration(node) && /\/adapters\//.test((node.moduleSpecifier as ts.StringLiteral).text)) {
      const named = node.importClause?.namedBindings;
      if (named !== undefined && ts.isNamedImports(named))
        for (const { name } of named.elements)
          if (/^(?:open|start)[A-Z](?!.*Of$)/.test(name.text)) openers.add(name.text);
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && openers.has(node.expression.text))
      found = true;
  });
  return found;
}

test('help costs nothing: the CLI loads no adapter and no schema before a command runs', () => {
  const loaded = closureOf('src/cli/main.ts');
  expect([...loaded].filter((path) => ['adapters', 'config', 'doctor'].includes(roomOf(path)))).toEqual([]);
});

/** Everything that is loaded with a file, without what it loads lazily. */
function closureOf(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { of, type, lazy } of byPath.get(path)?.imports ?? []) if (!type && !lazy) closureOf(of, seen);
  return seen;
}

test('the keeper is started in one way: its main is imported by nobody, nor is any other', () => {
  for (const { path, imports } of all)
    for (const { of } of imports) expect(`${path} -> ${of}`).not.toMatch(/-> src\/\w+\/main\.ts$/);
});
