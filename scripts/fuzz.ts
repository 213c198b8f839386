// The fuzzer: feeds mutated input to the parsers, the verifiers and a real keeper. Started by scripts/fuzz; docs/fuzz.md says what must
// hold for each target.
//
// 1. The seed is printed before the first input.
// 2. A finding ends its target and is written to a file, and the exit code is 1.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { storeTarget } from './fuzzing/store.ts';
import { evidenceTarget } from './fuzzing/evidence.ts';
import { languageTargets } from './fuzzing/language.ts';
import { policyTarget } from './fuzzing/policy.ts';
import { providerTarget } from './fuzzing/provider.ts';
import { describe, keep, table } from './fuzzing/report.ts';
import { run, type Outcome } from './fuzzing/run.ts';
import { socketTargets } from './fuzzing/sockets.ts';
import type { Target } from './fuzzing/target.ts';
import { tokensTarget } from './fuzzing/tokens.ts';

const exits = { ok: 0, found: 1, usage: 64, noperm: 77 } as const;
const targets = [
  ...languageTargets,
  policyTarget,
  tokensTarget,
  evidenceTarget,
  providerTarget,
  ...socketTargets,
  storeTarget,
];
const mostSeed = 2 ** 31 - 1;

interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly out: string;
  readonly chosen: readonly Target[];
}

function whole(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : /^\d{1,10}$/.test(text) ? Number(text) : NaN;
}

/** The options; undefined when they cannot be read. */
function options(): Options | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: { seconds: text, seed: text, path: text, out: text, target: { ...text, multiple: true } },
    });
    const names = values.target ?? targets.map(({ name }) => name);
    const chosen = targets.filter(({ name }) => names.includes(name));
    const seconds = whole(values.seconds, 60);
    const seed = whole(values.seed ?? process.env['FUZZ_SEED'], randomInt(mostSeed));
    if (chosen.length !== new Set(names).size || !(seconds > 0) || !(seed <= mostSeed)) return undefined;
    return { seconds, seed, path: values.path, out: values.out ?? 'fuzz-findings', chosen };
  } catch {
    return undefined;
  }
}

async function feedAll({ seconds, seed, path, out, chosen }: Options): Promise<readonly Outcome[]> {
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const outcomes: Outcome[] = [];
  for (const target of chosen) {
    const outcome = await run(target, { seed, path, ms: (seconds * 1000 * target.share) / shares });
    outcomes.push(outcome);
    process.stderr.write(`  ${target.name}: ${outcome.executions}\n`);
    if (outcome.failure === undefined) continue;
    const file = keep(out, target.name, seed, outcome.failure);
    process.stdout.write(`${describe(target.name, seed, outcome.failure, file)}\n`);
  }
  return outcomes;
}

function fail(code: number, text: string): number {
  process.stderr.write(`fuzz: ${text}\n`);
  return code;
}

async function main(): Promise<number> {
  const given = options();
  const names = targets.map(({ name }) => name).join(' ');
  if (given === undefined)
    return fail(
      exits.usage,
      `usage: fuzz [--seconds 60] [--seed N [--path P]] [--out FOLDER] [--target NAME ...]: ${names}`,
    );
  if (process.getuid?.() !== 0)
    return fail(exits.noperm, 'keys and journals belong to root, and so does a sandbox: run it as root');
  const { seconds, seed, chosen } = given;
  process.stdout.write(`fuzz: seed ${seed}, ${seconds} s over ${chosen.length} targets\n`);
  const outcomes = await feedAll(given);
  process.stdout.write(`${table(outcomes)}\n`);
  return outcomes.some(({ failure }) => failure !== undefined) ? exits.found : exits.ok;
}

process.exit(await main());
