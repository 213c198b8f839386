// Attacks, a file each, whose first line says in a sentence what is tried. The suite runs them against a whole host, where all must
// fail. `npm run guards` takes each guard out alone, and the attack must then succeed.
//
// 1. An attack has failed when `run` returns, and has succeeded when one of its `expect`s fails. A guard is proved only by an attack that
//    succeeds without it.
// 2. A failure of the harness (a timeout, a missing program) is not a failed `expect`. It proves nothing, and fails both kinds of run.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, HostOptions } from '../../scripts/sandbox/host.ts';
import { repo } from '../../scripts/sandbox/layout.ts';
import { endAll, endGrants, testHost } from './inside.ts';
import { mutantOf, type Mutation } from './mutate.ts';

/** What stops an attack, and how to make a host without it. */
export interface Guard {
  /** Its name, in one line: `DisableForwarding in the Match block`. */
  readonly what: string;
  /** Pieces of the built programs to replace before the host is installed. */
  readonly mutations?: readonly Mutation[];
  /** Takes the guard out of a running host (configuration, modes, rules), and waits for what has to restart. */
  readonly remove?: (host: Host) => Promise<void>;
}

export interface Attack {
  /** Tries the attack; a failed `expect` means that it succeeded (rule 1). */
  readonly run: (host: Host) => Promise<void>;
  /** Each guard is taken out alone. Two of which either suffices are one guard, with both taken out. */
  readonly guards: readonly [Guard, ...Guard[]];
}

/** A kind of attacker: a folder below tests/e2e/adversary, and the host for its attacks. */
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

/** The attacks of a folder, by name. */
export async function attacksOf(folder: string): Promise<readonly NamedAttack[]> {
  const files = readdirSync(join(attacks, folder)).filter((name) => name.endsWith('.ts'));
  const named: NamedAttack[] = [];
  // One after another, since jest cannot link a module twice at the same time.
  for (const name of files.sort()) {
    const file = join(attacks, folder, name);
    const { attack } = (await import(file)) as { readonly attack: Attack };
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    named.push({ ...attack, file: `${folder}/${name}`, title: first.replace(/^\/\/ /, '') });
  }
  return named;
}

/** Defines the tests of one stage: one host, each attack in turn, and at the end the journal verifies. */
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

/** Ends all connections, grants and terminals before the next attack. */
async function putRight(host: Host): Promise<void> {
  await endAll(host);
  await endGrants(host);
  await Promise.all(Object.values(host.people).map(async (person) => person[Symbol.asyncDispose]()));
}

/** Defines a test for each guard of each attack of a stage, taken out alone on a host of its own. @param only matches files to run */
export async function withoutGuards({ folder, host: options }: Stage, only: RegExp): Promise<void> {
  const chosen = (await attacksOf(folder)).filter(({ file }) => only.test(file));
  for (const { file, run, guards } of chosen) {
    test.each(guards.map((guard) => [guard.what, guard] as const))(
      `${file} notices the lack of: %s`,
      async (_, guard) => expectThrough(options, run, guard),
    );
  }
}

/** Expects that an attack succeeds without a guard (rules 1 and 2). */
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
