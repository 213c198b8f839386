// The host command `evidence`.
import { evidenceExample, nameAnId } from '../../core/messages/evidence.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
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
          .example(...evidenceExample),
      async ({ id, output, reason, json }) => {
        if (id === undefined) throw new UsageError(nameAnId);
        const { evidenceOf } = await import('../evidence.ts');
        process.exitCode = await evidenceOf(layout, { id, output, reason, json: json ?? false });
      },
    ),
};
