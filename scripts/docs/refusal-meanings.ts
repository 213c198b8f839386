// What the gate's own refusals mean for an admin. Those of the others are in their tables (src/core/refusals-*.ts); the gate's are not,
// since each byte of the gate delays every visit.
import type { gateRefusals } from '../../src/core/refusals-gate.ts';

export const gateMeanings = {
  KEEPER_DOWN: 'The keeper is not running, or it closed the conversation. Nothing was opened. Live connections run on.',
  KEEPER_GONE:
    'The keeper ended while a live connection was followed, as at a restart. Live connections run on, and nothing more is shown.',
  PROTOCOL:
    'Gate and keeper are of different versions, or one sent what the other does not know. Usual after an update without a restart.',
  INTERNAL: 'A fault of tmux-gate. Nothing was opened; the log has the cause.',
  NOT_BY_SUDO:
    'The caller is not the sudo rule of `deploy/sudoers`, or is not root where root is needed. Somebody started the program by hand.',
  CANCELLED:
    'The person left by q, Ctrl-C or Ctrl-D, or their connection was lost. A waiting request is withdrawn by a key alone.',
  RECORDING_DOWN:
    'The recording could not be opened. When it fails during a session, the connection ends and the exit code is 74. Whoever is on call is told.',
  ATTACH_FAILED: 'The tmux client ended with an error. The session may have been ended from inside.',
} as const satisfies Readonly<Record<keyof typeof gateRefusals, string>>;
