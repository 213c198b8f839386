// The host command `doctor`.
import { hostCommands } from '../../wire/verbs.ts';
import { flagOptions } from '../options.ts';
import type { HostCommand } from './host-command.ts';

const options = {
  only: {
    type: 'string',
    array: true,
    default: [],
    describe: 'only these checks, or families of them',
  },
  except: { type: 'string', array: true, default: [], describe: 'all but these checks, or families of them' },
  login: { type: 'string', array: true, default: [], describe: 'only these gated logins' },
  group: { type: 'string', describe: 'the gated group, where the sudo rule does not name it' },
  'sshd-config': {
    type: 'string',
    default: '/etc/ssh/sshd_config',
    describe: 'the configuration file of sshd',
  },
  all: { type: 'boolean', describe: 'also what is in order, line by line' },
  json: flagOptions.json,
} as const;

export const doctor: HostCommand = {
  options,
  add: (line, layout) =>
    line.command(
      'doctor',
      hostCommands.doctor.summary,
      (y) => y.options(options),
      async (given) => {
        const { doctor: examine } = await import('../doctor.ts');
        process.exit(await examine(layout, given)); // whatever still hangs after its time limit
      },
    ),
};
