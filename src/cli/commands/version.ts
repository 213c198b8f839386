// The host command `version`.
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import type { HostCommand } from './host-command.ts';

const options = { json: flagOptions.json } as const;

export const version: HostCommand = {
  options,
  add: (line) =>
    line.command(
      'version',
      hostCommands.version.summary,
      (y) => y.options(options),
      async ({ json }) => {
        const { version: show } = await import('../version.ts');
        process.exitCode = show(json ?? false);
      },
    ),
};
