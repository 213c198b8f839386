// The host command `peers`.
import { peersExamples } from '../../core/messages/setup-help.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  key: { type: 'string', describe: "with add: a copy of that host's host.pub.jwk, or - for standard input" },
  fingerprint: {
    type: 'string',
    describe:
      'with add: those of all its keys, commas between them, as tmux-gate keys list says them there; without it, you are asked',
  },
  replace: {
    type: 'boolean',
    default: false,
    describe: 'with add: take keys of which none was known before, because the host was installed anew',
  },
  signers: {
    type: 'string',
    describe: 'with sync: who may sign inventories (allowed_signers), in place of /etc/tmux-gate/inventory-signers',
  },
  prune: {
    type: 'boolean',
    default: false,
    describe: 'with sync: trust no host any more that the inventory does not name',
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
          .positional('what', { choices: ['add', 'remove', 'sync', 'list'] as const, demandOption: true })
          .positional('host', {
            type: 'string',
            describe: 'the name that the other host has in its own policy; with sync: a signed inventory',
          })
          .options(options)
          .example(...peersExamples.add)
          .example(...peersExamples.pipe)
          .example(...peersExamples.sync),
      async (given) => {
        const { peers: run } = await import('../peers.ts');
        process.exitCode = await run(layout, given);
      },
    ),
};
