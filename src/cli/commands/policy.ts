// The host command `policy`.
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { durationOf } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  as: { type: 'string', describe: 'a login, shown in the answer' },
  group: { type: 'string', array: true, default: [], describe: 'a group that the person is in' },
  session: { type: 'string', describe: 'the session asked for' },
  reviewer: { type: 'string', describe: 'a login or claim: may they review requests for it now' },
  for: flagOptions.for,
  reason: flagOptions.reason,
  json: flagOptions.json,
} as const;

export const policy: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'policy <what>',
      hostCommands.policy.summary,
      (y) => y.positional('what', { choices: ['check'] as const, demandOption: true }).options(options),
      async (given) => {
        const { check } = await import('../policy-check.ts');
        process.exitCode = await check(layout, { ...given, durationMs: durationOf(given.for, '--for') });
      },
    ),
};
