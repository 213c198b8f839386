// The host command `audit`.
import { isLogin } from '../../core/ids.ts';
import { auditExamples, notALogin, ofOption, onlyForShow } from '../../core/messages/host.ts';
import { parseSince } from '../../core/time.ts';
import { hostCommands } from '../../wire/verbs.ts';
import type { Choice } from '../journal-choice.ts';
import { sinceOf, UsageError } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  since: { type: 'string', describe: 'with show: records since then, in UTC: 7d, yesterday, 2026-11-28' },
  login: { type: 'string', describe: 'with show: only what concerns this login' },
  reason: { type: 'string', describe: 'with accept: why' },
  json: { type: 'boolean', describe: 'for programs; with show: each record as it is written' },
} as const;

export const audit: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'audit <what>',
      hostCommands.audit.summary,
      (y) =>
        y
          .positional('what', { choices: ['show', 'verify', 'accept'] as const, demandOption: true })
          .options(options)
          .example(...auditExamples.since)
          .example(...auditExamples.login),
      async ({ what, json, reason, since, login }) => {
        const choice = choiceOf(what, since, login);
        if (what === 'accept') {
          const { accept } = await import('../audit-accept.ts');
          process.exitCode = await accept(layout, reason);
          return;
        }
        const { show, verify } = await import('../audit.ts');
        process.exitCode = await (what === 'show'
          ? show(layout, json ?? false, choice)
          : verify(layout, json ?? false));
      },
    ),
};

/** The records that `audit show` prints. @throws UsageError for options that cannot be read or do not belong to the command */
function choiceOf(what: string, since: string | undefined, login: string | undefined): Choice {
  const isChoice = since !== undefined || login !== undefined;
  if (isChoice && what !== 'show') throw new UsageError(onlyForShow(what));
  if (login !== undefined && !isLogin(login)) throw new UsageError(ofOption('--login', notALogin(login)));
  return { login, since: since === undefined ? undefined : parseSince(sinceOf(since), Date.now()) };
}
