// The benchmark: the gate beside a bare `ForceCommand tmux attach`, on one sandbox host, in one run. Started by scripts/bench;
// docs/bench.md says what each number means.
//
// 1. Both sides of a comparison are measured in turns, on the same machine, client and sshd, so that noise affects both.
// 2. However the run ends, everything that it made is removed.
import { parseArgs } from 'node:util';
import { byRounds, measure, parts, type Part } from './measure/parts.ts';
import { json, missed, table } from './measure/report.ts';
import { openBench } from './measure/setting.ts';

const exits = { ok: 0, missed: 1, usage: 64, failed: 70, noperm: 77 } as const;

function fail(code: number, text: string): number {
  process.stderr.write(`bench: ${text}\n`);
  return code;
}

function wanted(only: string | undefined): readonly Part[] | undefined {
  const words = only?.split(',') ?? parts;
  const known = parts.filter((part) => words.includes(part));
  return known.length === words.length ? known : undefined;
}

interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  readonly check: boolean;
  readonly parts: readonly Part[];
}

function options(): Options | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ options: { quick: flag, json: flag, check: flag, only: { type: 'string' } } });
    const chosen = wanted(values.only);
    return chosen && { ...values, parts: chosen };
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const given = options();
  if (given === undefined)
    return fail(exits.usage, `usage: bench [--quick] [--json] [--check] [--only ${parts.join(',')}]`);
  if (process.getuid?.() !== 0)
    return fail(exits.noperm, 'this makes accounts and a sudo rule for the sandbox: run it as root');
  try {
    await using setting = await openBench();
    const stop = new Promise<undefined>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
    });
    const figures = await Promise.race([measure(setting, given.parts, byRounds(given.quick)), stop]);
    if (figures === undefined) return exits.failed;
    process.stdout.write(`${given.json ? json(figures) : table(figures)}\n`);
    return given.check && missed(figures).length > 0 ? exits.missed : exits.ok;
  } catch (error) {
    return fail(exits.failed, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

process.exit(await main());
