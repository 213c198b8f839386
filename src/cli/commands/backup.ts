// The host commands `backup` and `restore`.
import { backupTo, encryptTo, identityFile, recipientFaults } from '../../core/messages/backup.ts';
import { ofOption } from '../../core/messages/host.ts';
import { recipientFault } from '../../core/recording/recipient.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  output: { type: 'string', alias: 'o', describe: backupTo },
  'encrypt-to': { type: 'string', array: true, default: [], describe: encryptTo },
} as const;

const ofRestore = { identity: { type: 'string', describe: identityFile } } as const;

export const backup: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'backup',
      hostCommands.backup.summary,
      (y) => y.options(options),
      async ({ output, encryptTo: recipients }) => {
        for (const one of recipients) {
          const fault = recipientFault(one);
          if (fault !== undefined) throw new UsageError(ofOption('--encrypt-to', recipientFaults[fault]));
        }
        const { backup: write } = await import('../backup.ts');
        process.exitCode = await write(layout, output, recipients);
      },
    ),
};

export const restore: HostCommand = {
  options: ofRestore,
  add: (line, layout) =>
    line.command(
      'restore <file>',
      hostCommands.restore.summary,
      (y) => y.positional('file', { type: 'string', demandOption: true }).options(ofRestore),
      async ({ file, identity }) => {
        const { restore: unpack } = await import('../backup.ts');
        process.exitCode = await unpack(layout, file, identity);
      },
    ),
};
