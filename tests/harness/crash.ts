// Kills the keeper before each step of a transition in turn, and checks what must hold after each restart (laws 1, 4, 5 and 7).
//
// 1. A step is whatever changes something that outlives the keeper: a file replaced or removed, records added to the journal, a script of
//    Redis that writes, a cgroup killed. The keeper kills itself (kill -9) just before the n-th step, for n = 1, 2, ... until the
//    transition finishes; no step is listed by hand. `npm run crash` takes every step; the suite, which must be fast, every eighth.
// 2. The checks are the same for every transition; a transition adds only checks on what somebody was told.
// 3. Somebody else is attached all the time, under a grant of their own, and must still be after every restart.
import { expect } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { layoutAt } from '../../src/wire/layout.ts';
import { answers } from './faults.ts';
import { eventually } from '../../scripts/sandbox/eventually.ts';
import { connections, journal, testHost, type JournalRecord } from './inside.ts';
import { mutantOf, type Mutation } from './mutate.ts';
import { letIn, type Waiting } from './visits.ts';

/**
 * The code of a step (rule 1). It counts from the moment the file `crash` is written. Writes to the journal's own files and to copies of
 * other state are the same for each transition, so they are steps only of one with `all`.
 */
const ownFiles = /checkpoint|\/tile\/|journal-anchor.json|grants.json|directory.json/.source;
const step = `(globalThis.crashStep ??= (() => {
  const { appendFileSync, readFileSync } = process.getBuiltinModule('node:fs');
  let [seen, count] = ['', 0];
  return (name) => {
    let wish;
    try {
      wish = readFileSync(import.meta.dirname + '/crash', 'utf8');
    } catch {
      return;
    }
    if (!wish.endsWith('all') && /${ownFiles}/.test(name)) return;
    if (wish !== seen) [seen, count] = [wish, 0];
    count += 1;
    appendFileSync(import.meta.dirname + '/steps', name + '\\n');
    if (wish.split(' ')[1] === String(count)) process.kill(process.pid, 'SIGKILL');
  };
})())`;

/** Adds steps to a keeper that is otherwise as it was built. */
const crashing: readonly Mutation[] = [
  {
    file: 'keeper',
    piece: 'await writeDraft(draft, text, { flag: "w", mode, durable });\n  await rename(draft, path);',
    becomes: `${step}('replace ' + path.split('/').at(-1)); await writeDraft(draft, text, { flag: "w", mode, durable });\n  await rename(draft, path);`,
  },
  {
    file: 'keeper',
    piece: 'await unlink(path);\n  } catch (error) {\n    if (error.code === "ENOENT") return;',
    becomes: `${step}('remove ' + path.split('/').at(-1)); await unlink(path);\n  } catch (error) {\n    if (error.code === "ENOENT") return;`,
  },
  {
    file: 'keeper',
    piece: 'await this.#file.append(',
    becomes: `await (async (text) => {
      const step = ${step};
      const events = [...text.matchAll(/"event":"([a-z-]+)"/g)].map(([, event]) => event).join(' ');
      step('record ' + events);
      await this.#file.append(text);
      step('recorded ' + events);
    })(`,
  },
  {
    file: 'keeper',
    piece: 'return ask(redis, runScript(redis, name, keys, ...args));',
    becomes: `if (/^(?:post|review|settle|grant|revoke|lock)$/.test(name)) ${step}('redis ' + name); return ask(redis, runScript(redis, name, keys, ...args));`,
  },
  {
    file: 'keeper',
    piece: 'await set(path, "cgroup.kill", "1");',
    becomes: `${step}('kill ' + path.split('/').slice(-2).join(' ')); await set(path, "cgroup.kill", "1");`,
  },
];

export interface Told {
  /** For a command that ends something: whether it said that it was done. */
  readonly done?: boolean;
}

export interface Transition<Ready> {
  readonly name: string;
  /** Makes what the transition needs, before any step is counted. */
  readonly prepare: () => Promise<Ready>;
  /** Runs the transition until all that follows from it is done. Its errors are ignored when the keeper died. */
  readonly act: (ready: Ready) => Promise<Told>;
  /** Checks what must hold for this transition besides the rest (rule 2). */
  readonly check?: (ready: Ready, told: Told) => Promise<void>;
  /** Whether writes to the journal's own files are steps too. */
  readonly all?: true;
}

export interface Crashes extends AsyncDisposable {
  readonly host: Host;
  /** The person who stays attached (rule 3). */
  readonly other: Waiting;
  /** Somebody attached to a session for which nobody else has a grant. Several are let in at once, which is faster. */
  inside(): Promise<Inside>;
}

export interface Inside extends Waiting {
  readonly person: Person;
  readonly session: string;
}

const crowd = ['eve', 'fay', 'gil', 'hal'] as const;

async function letCrowdIn(host: Host): Promise<Inside[]> {
  const all = crowd.map((name) => ({ person: host.people[name] ?? host.people.alice, session: `prod-${name}` }));
  return Promise.all(
    all.map(async ({ person, session }) => ({ person, session, ...(await letIn(host, person, { session })) })),
  );
}

/** Opens a host whose keeper can be killed at steps, with one person attached. */
export async function crashHost(prefix: string): Promise<Crashes> {
  const mutant = mutantOf(process.env['TMUX_GATE_DIST'] ?? join(repo, 'dist'), crashing);
  const host = await testHost({
    prefix,
    people: Object.fromEntries(['carol', ...crowd].map((name) => [name, ['engineers']])),
    dist: mutant.dist,
    config: (config) => {
      const names = ['steady', ...crowd.map((name) => `prod-${name}`)];
      const more = Object.fromEntries(names.map((name) => [name, { ...config.sessions['prod-db'] }]));
      return { ...config, sessions: { ...config.sessions, ...more } };
    },
  });
  const waiting: Inside[] = [];
  const dispose = async (): Promise<void> => {
    await host[Symbol.asyncDispose]();
    mutant[Symbol.dispose]();
  };
  const { carol = host.people.alice } = host.people;
  try {
    const other = await letIn(host, carol, { session: 'steady', window: '30m' });
    const inside = async (): Promise<Inside> => {
      if (waiting.length === 0) waiting.push(...(await letCrowdIn(host)));
      return waiting.pop()!;
    };
    return { host, other, inside, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

let wishes = 0;

/** Kills the keeper before the n-th step of `act` (rule 1). @returns the name of that step; undefined when there were fewer */
async function fallBefore(host: Host, n: number, how: string, act: () => Promise<void>): Promise<string | undefined> {
  const { lib } = host.layout;
  rmSync(`${lib}/steps`, { force: true });
  writeFileSync(`${lib}/crash`, `${String(++wishes)} ${String(n)} ${how}`);
  try {
    const dead = host.keeper.exit.then(() => true);
    await Promise.race([act().then(() => false), dead]);
  } finally {
    rmSync(`${lib}/crash`);
  }
  // The keeper writes the name of the step and then dies; its exit may be seen later than what it told somebody before.
  const steps = existsSync(`${lib}/steps`) ? readFileSync(`${lib}/steps`, 'utf8').trim().split('\n') : [];
  if (steps.length < n) return undefined;
  await host.keeper.exit;
  return steps.at(-1);
}

const mostSteps = 150;
/** 1 for every step (`npm run crash`); the suite takes every eighth. */
const stride = Number(process.env['CRASH_STRIDE'] ?? 8);

/** Runs a transition with a kill before each step, checks after each, and checks a last run without. @returns the names of the steps */
export async function crashEverywhere<Ready>(
  { host, other }: Crashes,
  { name, prepare, act, check, all }: Transition<Ready>,
): Promise<readonly string[]> {
  const steps: string[] = [];
  const first = journal(host.layout).length;
  for (let n = 1; n <= mostSteps; n += stride) {
    const ready = await prepare();
    let told: Told = {};
    const errors: Error[] = [];
    const doing = async (): Promise<void> => {
      await act(ready).then(
        (said) => (told = said),
        (error: unknown) => errors.push(error as Error),
      );
    };
    const where = await fallBefore(host, n, all === true ? 'all' : '', doing);
    if (where === undefined && errors[0] !== undefined) throw errors[0];
    if (where !== undefined) await host.keeper.start();
    const failed = within(`${name}, before step ${String(n)} (${where ?? 'none'})`);
    await check?.(ready, told).catch(failed);
    await expectConsistent(host, first, other).catch(failed);
    if (where === undefined) return steps;
    steps.push(where);
  }
  throw new Error(`${name} has no end`);
}

function within(place: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error) error.message = `${place}:\n${error.message}`;
    throw error;
  };
}

/** Waits until what must hold after every transition holds, and expects it (rule 2). */
async function expectConsistent(host: Host, from: number, other: Waiting): Promise<void> {
  await answers(other, 'other');
  let faults: readonly string[] = [];
  await eventually(
    'everything is as the journal says',
    async () => (faults = await faultsOf(host, from)).length === 0,
  ).catch(() => undefined);
  expect(faults).toEqual([]);
  const { code, stdout } = await host.cli(['audit', 'verify']);
  expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
}

interface Live {
  readonly connections: readonly string[];
  readonly sessions: readonly string[];
  readonly grants: readonly string[];
}

async function faultsOf(host: Host, from: number): Promise<readonly string[]> {
  const [listed, locked] = await Promise.all([host.cli(['grants', '--json']), host.cli(['locks', '--json'])]);
  if (listed.code !== 0 || locked.code !== 0) return [`cannot be listed: ${listed.stderr}${locked.stderr}`];
  const grants = (JSON.parse(listed.stdout) as readonly { readonly id: string }[]).map(({ id }) => id);
  const out = (JSON.parse(locked.stdout) as readonly { readonly target: string }[]).map(({ target }) => target);
  const inside = connections(host.layout);
  const sessions = readdirSync(`${host.layout.run}/s`)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5));
  const records = journal(host.layout).slice(from);
  return [
    ...inside.filter(({ grant }) => !grants.includes(grant)).map(({ id }) => `connection ${id} is in without a grant`),
    ...inside.filter(({ who }) => out.includes(who.login)).map(({ id }) => `connection ${id} is in, and locked`),
    ...unpaired(records, { connections: inside.map(({ id }) => id), sessions, grants }),
    ...repeated(records),
    ...owed(host),
  ];
}

type Pair = readonly [began: readonly string[], ended: readonly string[], id: string, live: keyof Live];

const pairs: readonly Pair[] = [
  [['connected'], ['disconnected'], 'connection', 'connections'],
  [['connected'], ['recording-closed'], 'connection', 'connections'],
  [['session-starting'], ['session-ended'], 'id', 'sessions'],
  [['granted', 'break-glass'], ['grant-ended', 'grant-dropped'], 'grant', 'grants'],
];

/** What began and neither has ended nor is there, or both. */
function unpaired(records: readonly JournalRecord[], live: Live): readonly string[] {
  return pairs.flatMap(([began, ended, name, where]) => {
    const ids = (events: readonly string[]): readonly string[] =>
      records.filter(({ event }) => events.includes(event)).map((record) => String(record[name]));
    const [first, last] = [ids(began), ids(ended)];
    return first
      .filter((id) => last.includes(id) === live[where].includes(id))
      .map((id) => `${name} ${id}: ${live[where].includes(id) ? 'there, and' : 'neither there nor'} ${ended[0]!}`);
  });
}

const onlyOnce: Readonly<Record<string, readonly string[]>> = {
  disconnected: ['connection'],
  'recording-range': ['connection', 'range'],
  'recording-closed': ['connection'],
  'session-ended': ['id'],
  'grant-ended': ['grant'],
  revoked: ['grant'],
  locked: ['target', 'number'],
  unlocked: ['target', 'number'],
  'key-rotated': ['key'],
  'break-glass': ['grant'],
  'break-glass-reviewed': ['grant'],
  'break-glass-unfinished': ['grant'],
};

function repeated(records: readonly JournalRecord[]): readonly string[] {
  const keys = records.flatMap((record) => {
    const names = onlyOnce[record.event];
    return names === undefined ? [] : [[record.event, ...names.map((name) => String(record[name]))].join(' ')];
  });
  return keys.filter((key, at) => keys.indexOf(key) !== at).map((key) => `${key}: written twice`);
}

/** Entries of the outbox whose end has begun. */
function owed({ root }: Host): readonly string[] {
  const { outbox } = layoutAt(root);
  return (existsSync(outbox) ? readdirSync(outbox) : [])
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(`${outbox}/${file}`, 'utf8')) as { event: string; ending: boolean })
    .filter(({ ending }) => ending)
    .map(({ event }) => `${event} is still owed`);
}
