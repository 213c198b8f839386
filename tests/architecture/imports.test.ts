// Who may import whom: down only (docs/design.md, "The layers"), so that what decides never depends on what it is served by.
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { roomOf, sources, top, walk, type Import, type Source } from './sources.ts';

const all = sources('src/**/*.ts');
const byPath = new Map(all.map((source) => [source.path, source]));

interface Folder {
  readonly folders: readonly string[];
  /** Packages and built-ins; `null` where each file may have a package of its own. */
  readonly packages: readonly string[] | null;
}

interface Layers {
  readonly folders: Readonly<Record<string, Folder>>;
  /** Of the keeper, from top to bottom. */
  readonly keeper: readonly (readonly string[])[];
  readonly context: { readonly file: string; readonly seenBy: readonly string[] };
}

const layers = JSON.parse(readFileSync(join(top, 'src/layers.json'), 'utf8')) as Layers;
const { folders: rooms } = layers;
const isAllowed = (allowed: string, of: string): boolean =>
  allowed.endsWith('*') ? of.startsWith(allowed.slice(0, -1)) : of === allowed;
const builtIn = /^node:/;

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
        .filter(({ of }) => !room.folders.includes(roomOf(of)))
        .map(({ of }) => `${path} -> ${of}`),
    );
    expect(wrong).toEqual([]);
  });

  test('loads only its own packages', () => {
    const wrong = files.flatMap((source) =>
      outside(source)
        .filter((of) => room.packages !== null && !room.packages.some((allowed) => isAllowed(allowed, of)))
        .map((of) => `${source.path} -> ${of}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** Where a file of the keeper stands, from the top; `context.ts` is known to those who are named alone. */
const inKeeper = (path: string): string => path.slice('src/keeper/'.length);
const isPart = (part: string, path: string): boolean => path === part || path.startsWith(`${part}/`);
const layerOf = (path: string): number =>
  layers.keeper.findIndex((parts) => parts.some((part) => isPart(part, inKeeper(path))));
const keeper = all.filter(({ path }) => roomOf(path) === 'keeper');
const toKeeper = ({ imports }: Source): readonly string[] =>
  imports.map(({ of }) => of).filter((of) => of.startsWith('src/keeper/'));
const context = `src/keeper/${layers.context.file}`;

test('every file of the keeper has its layer, and every layer its files', () => {
  const files = keeper.map(({ path }) => path).filter((path) => path !== context);
  expect(files.filter((path) => layerOf(path) < 0)).toEqual([]);
  const parts = layers.keeper.flat();
  expect(parts.filter((part) => !files.some((path) => isPart(part, inKeeper(path))))).toEqual([]);
});

test('inside the keeper a file imports, also by type, only from its own layer and those below it', () => {
  const wrong = keeper
    .filter(({ path }) => path !== context)
    .flatMap((source) =>
      toKeeper(source)
        .filter((of) => of !== context && layerOf(of) < layerOf(source.path))
        .map((of) => `${source.path} -> ${of}`),
    );
  expect(wrong).toEqual([]);
});

test('the whole context is seen by dispatch, the handlers of verbs, visit and reconcile alone; a service takes what it needs', () => {
  const seeing = keeper.filter((source) => toKeeper(source).includes(context)).map(({ path }) => inKeeper(path));
  const allowed = (path: string): boolean => layers.context.seenBy.some((part) => isPart(part, path));
  expect(seeing.filter((path) => !allowed(path))).toEqual([]);
  for (const part of layers.context.seenBy) expect(seeing.some((path) => isPart(part, path))).toBe(true);
});

test('there is no circle of imports, types included', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) return void circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (done.has(path)) return;
    for (const { of } of byPath.get(path)?.imports ?? []) if (byPath.has(of)) visit(of, [...way, path]);
    done.add(path);
  };
  for (const { path } of all) visit(path, []);
  expect(circles).toEqual([]);
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
  'src/adapters/processes.ts':
    'reads proc(5), which has no package and no state; cgroups, tmux and the embedded Redis all name processes',
  'src/adapters/child.ts': 'words alone: tmux, hooks and Redis begin their programs alike',
  'src/adapters/sha256.ts': 'the digest that journal, requests and recordings are all bound by, with no state',
  'src/adapters/missing.ts': 'asks one thing of an error, with no package and no state',
  'src/adapters/failure-reason.ts': 'words alone, and no address in them: of notices and exports that did not arrive',
  'src/adapters/proxy-fault.ts':
    'asks one thing of an error, with no package and no state: of all that goes through the proxy',
  'src/adapters/retry-after.ts': 'reads one header of HTTP, with no state: for notices and exports alike',
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

/** Who may construct something that holds state or a connection, and why. */
const constructors: Readonly<Record<string, string>> = {
  'src/keeper/compose-adapters.ts': 'the one place where what the keeper stands on is opened',
  'src/keeper/compose-policy.ts': 'what is made from the policy, and made anew for another one',
  'src/keeper/main.ts': 'openLog: a keeper that cannot be put together is logged, too',
  'src/keeper/metrics/metrics.ts':
    'openMeters: only where the policy asks for metrics, and before what it hears is opened',
  'src/keeper/connections/cgroups.ts':
    'openCgroups: on first need, so that a host that cannot cgroup still answers (law 1)',
  'src/keeper/sessions/sessions.ts': 'startServer: a tmux server is a thing of a session, not of the keeper',
  'src/keeper/history/worker.ts': 'openKeys: a thread of its own shares nothing with the keeper',
  'src/keeper/witness/own-log.ts': 'openProvableLog: reads the newest checkpoint of each round, and holds nothing open',
  'src/cli/audit-cosigned.ts': 'openKeys: reads what was cosigned where no keeper runs',
  'src/cli/audit-log.ts': 'openKeys: reads the journal where no keeper runs',
  'src/keeper/recordings/drawer.ts': 'openRecording: a thread of its own, which reads one file while it is followed',
  'src/cli/open-recording.ts': 'openRecording: a file, opened for as long as it is shown',
  'src/cli/policy-check.ts': 'openSource: asks who is on call where no keeper runs',
};

test('adapters are constructed in one place', () => {
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
