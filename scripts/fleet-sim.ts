// Measures a simulated fleet. Started by scripts/fleet-sim; docs/scale.md says what each number means.
import { parseArgs } from 'node:util';
import { measureFleet } from './fleet/measure.ts';
import { json, missed, table } from './measure/report.ts';

const exits = { ok: 0, missed: 1, usage: 64, failed: 70, noperm: 77 } as const;

function fail(code: number, text: string): number {
  process.stderr.write(`fleet-sim: ${text}\n`);
  return code;
}

interface Options {
  readonly hosts: number;
  readonly grants: number;
  readonly json: boolean;
  readonly check: boolean;
}

function options(): Options | undefined {
  const number = (text: string): number => (/^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : NaN);
  try {
    const { values } = parseArgs({
      options: {
        hosts: { type: 'string', default: '1000' },
        grants: { type: 'string', default: '10' },
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
      },
    });
    const given = {
      hosts: number(values.hosts),
      grants: number(values.grants),
      json: values.json,
      check: values.check,
    };
    return given.hosts > 1 && given.grants > 0 ? given : undefined;
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const given = options();
  if (given === undefined)
    return fail(exits.usage, 'usage: fleet-sim [--hosts 2..99999] [--grants 1..99999] [--json] [--check]');
  if (process.getuid?.() !== 0) return fail(exits.noperm, 'a keeper runs as root: run it as root');
  try {
    const figures = await measureFleet(given, (text) => process.stderr.write(`fleet-sim: ${text}\n`));
    process.stdout.write(`${given.json ? json(figures) : table(figures)}\n`);
    return given.check && missed(figures).length > 0 ? exits.missed : exits.ok;
  } catch (error) {
    return fail(exits.failed, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

process.exit(await main());
