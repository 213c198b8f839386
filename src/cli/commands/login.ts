// The host command `login`.
import { loginExamples } from '../../core/messages/setup-help.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  key: {
    type: 'string',
    array: true,
    default: [],
    describe: 'with add: a public key, as a file, its text, or github:NAME',
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'with add: show the changes and make none; exit code 1 where there are any',
  },
  json: { ...flagOptions.json, describe: 'with list: for programs' },
} as const;

export const login: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'login <what> [name]',
      hostCommands.login.summary,
      (y) =>
        y
          .positional('what', { choices: ['add', 'remove', 'list'] as const, demandOption: true })
          .positional('name', { type: 'string', describe: 'the login' })
          .options(options)
          .example(...loginExamples.file)
          .example(...loginExamples.github),
      async (given) => {
        const { login: run } = await import('../login.ts');
        process.exitCode = await run(layout, given);
      },
    ),
};
