// The host commands, one entry for each.
import type { HostCommandName } from '../../wire/verbs.ts';
import { audit } from './audit.ts';
import { backup, restore } from './backup.ts';
import { doctor } from './doctor.ts';
import { evidence } from './evidence.ts';
import { find } from './find.ts';
import { exportCommand } from './export.ts';
import type { HostCommand } from './host-command.ts';
import { init } from './init.ts';
import { login } from './login.ts';
import { peers } from './peers.ts';
import { policy } from './policy.ts';
import { probe } from './probe.ts';
import { recordings } from './recordings.ts';
import { replay } from './replay.ts';
import { session } from './session.ts';
import { version } from './version.ts';

export const commands: Readonly<Record<HostCommandName, HostCommand>> = {
  audit,
  evidence,
  recordings,
  replay,
  export: exportCommand,
  init,
  login,
  session,
  peers,
  backup,
  restore,
  policy,
  doctor,
  find,
  probe,
  version,
};
