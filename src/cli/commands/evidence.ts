// The host command `evidence`.
import { evidenceExample, idOrPeriod, nameAnId, ofAPeriod, periodExample } from '../../core/messages/evidence.ts';
import type { Layout } from '../../wire/layout.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  period: {
    type: 'string',
    describe:
      'instead of an ID: all accesses of a quarter (2026-Q3), a month (2026-07) or days (2026-07-01..2026-09-30), in UTC',
  },
  sample: { type: 'number', describe: 'of a period: how many accesses are drawn, each with all of its evidence' },
  seed: {
    type: 'string',
    describe: 'of a sample: what it is drawn by, as the auditor names it; without it, one is made and printed',
  },
  output: { type: 'string', alias: 'o', describe: 'the file to write; without it, evidence-HOST-ID.tar here' },
  reason: { type: 'string', describe: 'what the evidence is for; the journal keeps it' },
  json: flagOptions.json,
} as const;

export const evidence: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'evidence [id]',
      hostCommands.evidence.summary,
      (y) =>
        y
          .positional('id', { type: 'string', describe: 'of a request, a grant or a connection' })
          .options(options)
          .example(...evidenceExample)
          .example(...periodExample),
      async (words) => {
        process.exitCode = await made(layout, words);
      },
    ),
};

interface Words {
  readonly id: string | undefined;
  readonly period: string | undefined;
  readonly sample: number | undefined;
  readonly seed: string | undefined;
  readonly output: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean | undefined;
}

/** @throws UsageError where the words do not fit together */
async function made(layout: Layout, { id, period, sample, seed, ...words }: Words): Promise<number> {
  const common = { output: words.output, reason: words.reason, json: words.json ?? false };
  if (period !== undefined) {
    if (id !== undefined) throw new UsageError(idOrPeriod);
    const { evidenceOfPeriod } = await import('../evidence-period.ts');
    return evidenceOfPeriod(layout, { ...common, period, sample, seed });
  }
  if (sample !== undefined || seed !== undefined)
    throw new UsageError(ofAPeriod(sample === undefined ? 'seed' : 'sample'));
  if (id === undefined) throw new UsageError(nameAnId);
  const { evidenceOf } = await import('../evidence.ts');
  return evidenceOf(layout, { ...common, id });
}
