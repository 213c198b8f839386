// The host command `recordings`.
import { isLogin } from '../../core/ids.ts';
import { notALogin, ofOption } from '../../core/messages/host.ts';
import { parseSince } from '../../core/time.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { sinceOf, UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  since: { type: 'string', describe: 'recordings that began since then, in UTC: 7d, yesterday, 2026-11-28' },
  login: flagOptions.login,
  session: flagOptions.session,
  held: { type: 'boolean', describe: 'only those that are held, with who holds them, since when and why' },
  json: flagOptions.json,
} as const;

export const recordings: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'recordings',
      hostCommands.recordings.summary,
      (y) => y.options(options),
      async ({ since, login, session, held = false, json }) => {
        if (login !== undefined && !isLogin(login)) throw new UsageError(ofOption('--login', notALogin(login)));
        const from = since === undefined ? undefined : parseSince(sinceOf(since), Date.now());
        const { listRecordings } = await import('../recordings.ts');
        process.exitCode = await listRecordings(layout, { since: from, login, session, held }, json ?? false);
      },
    ),
};
