// The host command `export`.
import { oneFormat } from '../../core/messages/recordings.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const formats = ['html', 'cast', 'cast3'] as const;

const options = {
  html: { type: 'boolean', describe: 'one page that shows it in a browser, without a network' },
  cast: { type: 'boolean', describe: 'asciicast v2, byte for byte as it was recorded' },
  cast3: { type: 'boolean', describe: 'asciicast v3' },
  output: { type: 'string', alias: 'o', describe: 'a new file; without it, standard output' },
  identity: { type: 'string', describe: 'a file with an age identity, for an encrypted recording' },
  reason: flagOptions.reason,
} as const;

export const exportCommand: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'export <id>',
      hostCommands.export.summary,
      (y) => y.positional('id', { type: 'string', demandOption: true }).options(options),
      async ({ id, output, identity, reason, ...given }) => {
        const [format, ...more] = formats.filter((one) => given[one] === true);
        if (format === undefined || more.length > 0) throw new UsageError(oneFormat);
        const { exportRecording } = await import('../export-recording.ts');
        process.exitCode = await exportRecording(layout, { id, format, output, reason, identity });
      },
    ),
};
