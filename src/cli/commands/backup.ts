// The host commands `backup` and `restore`.
import { backupTo } from '../../core/messages/backup.ts';
import { hostCommands } from '../../wire/verbs.ts';
import type { HostCommand } from './host-command.ts';

const options = { output: { type: 'string', alias: 'o', describe: backupTo } } as const;

export const backup: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'backup',
      hostCommands.backup.summary,
      (y) => y.options(options),
      async ({ output }) => {
        const { backup: write } = await import('../backup.ts');
        process.exitCode = await write(layout, output);
      },
    ),
};

export const restore: HostCommand = {
  options: {},
  add: (line, layout) =>
    line.command(
      'restore <file>',
      hostCommands.restore.summary,
      (y) => y.positional('file', { type: 'string', demandOption: true }),
      async ({ file }) => {
        const { restore: unpack } = await import('../backup.ts');
        process.exitCode = await unpack(layout, file);
      },
    ),
};
