// The host command `session`.
import { sessionExamples } from '../../core/messages/setup-help.ts';
import { hostCommands } from '../../wire/verbs.ts';
import type { HostCommand } from './host-command.ts';

const several = { type: 'string', array: true, default: [] } as const;

const options = {
  as: { type: 'string', demandOption: true, describe: 'the account that it runs as; made where it does not exist' },
  who: { ...several, describe: 'a group that may ask for it' },
  approvers: { ...several, describe: 'a group that approves' },
  count: { type: 'number', default: 1, describe: 'how many have to approve' },
  window: { type: 'string', default: '30m', describe: 'how long a grant lasts' },
  max: { type: 'string', default: '1h', describe: 'the longest that may be asked for' },
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'show the changes and make none; exit code 1 where there are any',
  },
} as const;

export const session: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'session <what> <name>',
      hostCommands.session.summary,
      (y) =>
        y
          .positional('what', { choices: ['add'] as const, demandOption: true })
          .positional('name', { type: 'string', demandOption: true, describe: 'what people type' })
          .options(options)
          .example(...sessionExamples.add),
      async (given) => {
        const { session: run } = await import('../session.ts');
        process.exitCode = await run(layout, given);
      },
    ),
};
