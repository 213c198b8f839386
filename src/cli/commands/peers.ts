// The host command `peers`.
import { peersExamples } from '../../core/messages/setup-help.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  key: { type: 'string', describe: "with add: a copy of that host's host.pub.jwk, or - for standard input" },
  fingerprint: {
    type: 'string',
    describe: 'with add: that of its journal key, as tmux-gate keys list says it there; without it, you are asked',
  },
  replace: {
    type: 'boolean',
    default: false,
    describe: 'with add: take keys of which none was known before, because the host was installed anew',
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'show the changes and make none; exit code 1 where there are any',
  },
  json: { ...flagOptions.json, describe: 'with list: for programs' },
} as const;

export const peers: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'peers <what> [host]',
      hostCommands.peers.summary,
      (y) =>
        y
          .positional('what', { choices: ['add', 'remove', 'list'] as const, demandOption: true })
          .positional('host', { type: 'string', describe: 'the name that the other host has in its own policy' })
          .options(options)
          .example(...peersExamples.add)
          .example(...peersExamples.pipe),
      async (given) => {
        const { peers: run } = await import('../peers.ts');
        process.exitCode = await run(layout, given);
      },
    ),
};
