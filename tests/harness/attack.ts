// Attacks: a file each, whose first line says in a sentence what is tried. The suite runs them against the whole host, where all
// must fail; `npm run guards` takes each one's guard out and watches it get through.
//
// 1. An attack is stopped when `run` returns, and got through when one of its `expect`s fails. A guard that can be taken out
//    without any attack noticing is not proved.
// 2. A failure of the harness (a timeout, a missing program) is no failed `expect`: it proves nothing and fails both ways.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, HostOptions } from '../../scripts/sandbox/host.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { endAll, endGrants, testHost } from './inside.ts';
import { mutantOf, type Mutation } from './mutate.ts';

/** What stands in an attack's way, and how a host comes to stand without it. */
export interface Guard {
  /** One line: `DisableForwarding in the Match block`. */
  readonly what: string;
  /** Pieces of the built programs that are replaced before the host is installed. */
  readonly mutations?: readonly Mutation[];
  /** Takes it out of a host that stands: configuration, modes, rules. Must await whatever has to restart. */
  readonly remove?: (host: Host) => Promise<void>;
}

export interface Attack {
  /** Rule 1. */
  readonly run: (host: Host) => Promise<void>;
  /** Each is taken out alone. Two that stand for each other are one guard with both removed. */
  readonly guards: readonly [Guard, ...Guard[]];
}

/** The kind of attacker, which is a folder below tests/e2e/adversary, and the host that they meet. */
export interface Stage {
  readonly folder: string;
  readonly host: HostOptions;
}

export interface NamedAttack extends Attack {
  readonly file: string;
  /** The first line of its file. */
  readonly title: string;
}

const attacks = join(repo, 'tests/e2e/adversary');

export async function attacksOf(folder: string): Promise<readonly NamedAttack[]> {
  const files = readdirSync(join(attacks, folder)).filter((name) => name.endsWith('.ts'));
  const named: NamedAttack[] = [];
  // One after another: jest links no module twice at once.
  for (const name of files.sort()) {
    const file = join(attacks, folder, name);
    const { attack } = (await import(file)) as { readonly attack: Attack };
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    named.push({ ...attack, file: `${folder}/${name}`, title: first.replace(/^\/\/ /, '') });
  }
  return named;
}

/** The suite of one stage: one host, every attack in turn, and at the end a journal that verifies. */
export async function playStage({ folder, host: options }: Stage): Promise<void> {
  let host: Host;
  beforeAll(async () => {
    host = await testHost(options);
  });
  afterAll(async () => host[Symbol.asyncDispose]());
  afterEach(async () => putRight(host));
  for (const { title, run } of await attacksOf(folder)) test(title, async () => run(host));
  test('law 7: after all of it the journal verifies, and the keeper is the one that was started', async () => {
    expect(await host.cli(['audit', 'verify'])).toMatchObject({ code: 0 });
    expect(host.keeper.pid).toBeDefined();
  });
}

/** Nobody stays inside, and no terminal open, for the next attack. */
async function putRight(host: Host): Promise<void> {
  await endAll(host);
  await endGrants(host);
  await Promise.all(Object.values(host.people).map(async (person) => person[Symbol.asyncDispose]()));
}

/** Each guard of each attack of a stage, taken out alone on a host of its own: rules 1 and 2. */
export async function withoutGuards({ folder, host: options }: Stage, only: RegExp): Promise<void> {
  const chosen = (await attacksOf(folder)).filter(({ file }) => only.test(file));
  for (const { file, run, guards } of chosen) {
    test.each(guards.map((guard) => [guard.what, guard] as const))(
      `${file} notices the lack of: %s`,
      async (_, guard) => expectThrough(options, run, guard),
    );
  }
}

async function expectThrough(options: HostOptions, run: Attack['run'], guard: Guard): Promise<void> {
  using mutant = mutantOf(join(repo, 'dist'), guard.mutations ?? []);
  await using host = await testHost({ ...options, dist: mutant.dist });
  await guard.remove?.(host);
  const failure = await run(host).then(
    () => undefined,
    (error: unknown) => error as Error & { matcherResult?: unknown },
  );
  if (failure !== undefined && failure.matcherResult === undefined) throw failure;
  expect(failure?.message ?? 'the attack was stopped all the same').toMatch(/expect/);
}
