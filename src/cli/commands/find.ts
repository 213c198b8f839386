// The host command `find`.
import { isLogin } from '../../core/ids.ts';
import { notALimit } from '../../core/messages/find.ts';
import { findExamples, notALogin, ofOption } from '../../core/messages/host.ts';
import { parseSince } from '../../core/time.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { sinceOf, UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  since: { type: 'string', describe: 'only since then, in UTC: 7d, yesterday, 2026-11-28' },
  login: { type: 'string', describe: 'only what this login saw or typed' },
  session: { type: 'string', describe: 'only in this session' },
  typed: { type: 'boolean', describe: 'only what was typed, where the policy records it' },
  'ignore-case': { type: 'boolean', alias: 'i', describe: 'upper and lower case are alike' },
  limit: { type: 'number', default: 200, describe: 'at most so many lines; 0: all' },
  identity: { type: 'string', describe: 'the file of an age identity, to search encrypted recordings as well' },
  reason: { type: 'string', describe: 'why you look; it is journaled' },
  json: { type: 'boolean', describe: 'for programs: a line for each hit' },
} as const;

export const find: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'find <text>',
      hostCommands.find.summary,
      (y) =>
        y
          .positional('text', { type: 'string', demandOption: true })
          .options(options)
          .example(...findExamples.text)
          .example(...findExamples.expression),
      async ({ text, login, since, limit, typed, ...given }) => {
        if (login !== undefined && !isLogin(login)) throw new UsageError(ofOption('--login', notALogin(login)));
        if (!Number.isInteger(limit) || limit < 0) throw new UsageError(ofOption('--limit', notALimit));
        const { findText } = await import('../find.ts');
        process.exitCode = await findText(layout, {
          ...{ text, login, limit, onlyTyped: typed ?? false, ignoreCase: given.ignoreCase ?? false },
          ...{ session: given.session, identity: given.identity, reason: given.reason, json: given.json ?? false },
          since: since === undefined ? undefined : parseSince(sinceOf(since), Date.now()),
        });
      },
    ),
};
