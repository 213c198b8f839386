// A keeper that is killed at every step of a transition, one after another, and what must hold after each (laws 1, 4, 5 and 7).
//
// 1. A step is whatever changes something that outlives the keeper: a file replaced or removed, records added to the journal, a script of
//    Redis that writes, a cgroup killed. The keeper kills itself (kill -9) just before the n-th of them, for n = 1, 2, ... until the
//    transition is through alive: none is named by hand. `npm run crash` takes every step; the suite, which must be quick, every fifth.
// 2. What is checked is the same for every transition; a transition adds only what somebody was told.
// 3. Somebody else is inside all the time, under a grant of their own: whoever may stay must be in after every restart.
import { expect } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../scripts/sandbox/host.ts';
import type { Person } from '../../scripts/sandbox/person.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { layoutAt } from '../../src/wire/layout.ts';
import { answers } from './faults.ts';
import { connections, eventually, journal, testHost, type JournalRecord } from './inside.ts';
import { mutantOf, type Mutation } from './mutate.ts';
import { letIn, type Waiting } from './visits.ts';

/**
 * Rule 1. Counts from the moment a wish is written on. What belongs to the journal itself, and memories that are written beside, are
 * steps only of a transition that says so: they are the same for each.
 */
const ownFiles = /head.jws|journal-anchor.json|grants.json|directory.json/.source;
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

/** A keeper with that seam, and as it was built in everything else. */
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
  /** Of a command that ends something: whether somebody was told that it was done. */
  readonly done?: boolean;
}

export interface Transition<Ready> {
  readonly name: string;
  /** What is there before; may take as long as it likes. */
  readonly prepare: () => Promise<Ready>;
  /** Until everything that follows has been done. What it throws when the keeper dies is nothing. */
  readonly act: (ready: Ready) => Promise<Told>;
  /** Rule 2: what must hold beside the rest. */
  readonly check?: (ready: Ready, told: Told) => Promise<void>;
  /** Whether the journal's own files count as well. */
  readonly all?: true;
}

export interface Crashes extends AsyncDisposable {
  readonly host: Host;
  /** Rule 3. */
  readonly other: Waiting;
  /** Somebody who is in a session of which nobody else has a grant: of several that were let in at once, which is quicker. */
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

/** A host whose keeper has the seam, and somebody inside of it. */
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

/** Rule 1. @returns the name of the step before which it died; undefined when it lived. */
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
  // It names its last step, then it dies; the news of that may come later than what it told somebody before.
  const steps = existsSync(`${lib}/steps`) ? readFileSync(`${lib}/steps`, 'utf8').trim().split('\n') : [];
  if (steps.length < n) return undefined;
  await host.keeper.exit;
  return steps.at(-1);
}

const mostSteps = 150;
/** Every step, or every n-th of them where somebody waits for the answer (`npm run crash`, and the suite). */
const stride = Number(process.env['CRASH_STRIDE'] ?? 5);

/** @returns the steps before which it died; the last round, in which it lived, is checked as well. */
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

/** The same for every transition. */
async function expectConsistent(host: Host, from: number, other: Waiting): Promise<void> {
  await answers(other, 'other');
  let faults: readonly string[] = [];
  await eventually(
    'everything is as the journal says',
    async () => (faults = await faultsOf(host, from)).length === 0,
  ).catch(() => undefined);
  expect(faults).toEqual([]);
  expect(await host.cli(['audit', 'verify'])).toMatchObject({ code: 0 });
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
  [['session-starting'], ['session-ended'], 'id', 'sessions'],
  [['granted', 'break-glass'], ['grant-ended', 'grant-dropped'], 'grant', 'grants'],
];

/** What began has ended, or is there; what ended had begun. */
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
  'session-ended': ['id'],
  'grant-ended': ['grant'],
  revoked: ['grant'],
  locked: ['target', 'number'],
  unlocked: ['target', 'number'],
  'break-glass': ['grant'],
  'break-glass-reviewed': ['grant'],
  'break-glass-unfinished': ['grant'],
};

function repeated(records: readonly JournalRecord[]): readonly string[] {
  const seen = new Set<string>();
  return records.flatMap((record) => {
    const names = onlyOnce[record.event];
    if (names === undefined) return [];
    const key = `${record.event} ${names.map((name) => String(record[name])).join(' ')}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [`${key}: written twice`];
  });
}

/** Nothing whose end has begun is still owed. */
function owed({ root }: Host): readonly string[] {
  const { outbox } = layoutAt(root);
  return (existsSync(outbox) ? readdirSync(outbox) : [])
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(`${outbox}/${file}`, 'utf8')) as { event: string; ending: boolean })
    .filter(({ ending }) => ending)
    .map(({ event }) => `${event} is still owed`);
}
