// The host command `replay`.
import { ofOption } from '../../core/messages/host.ts';
import { notASpeed } from '../../core/messages/recordings.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { durationOf, UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  speed: { type: 'number', default: 1, describe: 'how fast, from 0.25 to 64' },
  'idle-limit': { type: 'string', describe: 'skip longer times without output, such as 2s' },
  from: { type: 'string', describe: 'begin at a time (12m, 1:02:03), a part (90%), or a text of the screen' },
  follow: flagOptions.follow,
  text: { type: 'boolean', describe: 'the rows of the screen as text, one a line, with the time' },
  identity: { type: 'string', describe: 'a file with an age identity, for an encrypted recording' },
  reason: flagOptions.reason,
  json: { type: 'boolean', describe: 'with --text: for programs, one object a line' },
} as const;

export const replay: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'replay <id>',
      hostCommands.replay.summary,
      (y) =>
        y
          .positional('id', { type: 'string', demandOption: true })
          .options(options)
          .conflicts('follow', ['text', 'from', 'idle-limit', 'identity'])
          .conflicts('text', ['from', 'idle-limit']),
      async ({ id, speed, idleLimit, from, follow, text, identity, reason, json }) => {
        if (!(speed >= 0.25 && speed <= 64)) throw new UsageError(ofOption('--speed', notASpeed));
        const idleMs = durationOf(idleLimit, '--idle-limit');
        if (follow === true) {
          const { follow: show } = await import('../follow.ts');
          process.exitCode = await show(layout, id, reason);
        } else if (text === true) {
          const { replayText } = await import('../replay-text.ts');
          process.exitCode = await replayText(layout, { id, reason, identity }, json ?? false);
        } else {
          const { replay: play } = await import('../replay.ts');
          process.exitCode = await play(layout, { id, speed, idleMs, from, reason, identity });
        }
      },
    ),
};
