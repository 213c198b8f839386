// The host command `probe`.
import { probeHost } from '../../core/messages/host.ts';
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import { durationOf } from '../typed-values.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  login: { type: 'string', describe: 'a gated login; without it, yours' },
  key: { type: 'string', describe: 'its private key; without it, an ssh-agent or ~/.ssh/id_*' },
  port: { type: 'number', default: 22, describe: 'the port of sshd' },
  'host-key': {
    type: 'string',
    describe: 'the key of the host, SHA256:... or a file; without it, ~/.ssh/known_hosts',
  },
  'insecure-host-key': { type: 'boolean', default: false, describe: 'accept any key of the host' },
  socket: { type: 'string', array: true, default: [], describe: 'a Unix socket of the host to try' },
  only: { type: 'string', array: true, default: [], describe: 'only these ids' },
  idle: { type: 'string', describe: 'also try an idle connection, for a time such as 40s' },
  timeout: { type: 'string', default: '10s', describe: 'how long each attempt may take' },
  json: flagOptions.json,
} as const;

export const probe: HostCommand = {
  options,
  add: (line) =>
    line.command(
      'probe [host]',
      hostCommands.probe.summary,
      (y) => y.positional('host', { type: 'string', default: 'localhost', describe: probeHost }).options(options),
      async (given) => {
        const { probe: examine } = await import('../probe.ts');
        const timeoutMs = durationOf(given.timeout, '--timeout') ?? 0;
        process.exitCode = await examine({ ...given, timeoutMs, idleMs: durationOf(given.idle, '--idle') });
      },
    ),
};
