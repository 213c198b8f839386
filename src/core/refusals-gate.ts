// Refusals that the gate makes itself, when no keeper can. How they are written: refusals.ts. The gate loads only these: whatever it
// loads before "go" delays everybody.
import { exits } from './exits.ts';

export const gateRefusals = {
  KEEPER_DOWN: {
    exit: exits.unavailable,
    say: 'tmux-gate is not running on {host}, so nobody can connect.',
    hint: 'tell an admin of {host}: systemctl status tmux-gate',
  },
  KEEPER_GONE: {
    exit: exits.unavailable,
    say: 'tmux-gate on {host} has stopped, so nothing more is shown. The connection goes on.',
    hint: 'try again in a minute; if it fails again, tell an admin of {host}: systemctl status tmux-gate',
  },
  PROTOCOL: {
    exit: exits.internal,
    say: 'Two parts of tmux-gate on {host} are of different versions.',
    hint: 'tell an admin of {host}: restart tmux-gate after an update',
  },
  INTERNAL: {
    exit: exits.internal,
    say: 'Something went wrong in tmux-gate, so you were not let in.',
    hint: 'tell an admin of {host}: journalctl -u tmux-gate',
  },
  NOT_BY_SUDO: {
    exit: exits.noperm,
    say: 'tmux-gate was not started by its sudo rule.',
    hint: 'connect with ssh; there is no other way in',
  },
  CANCELLED: { exit: exits.interrupted, say: 'Cancelled.', hint: 'connect again to start over' },
  RECORDING_DOWN: {
    exit: exits.unavailable,
    say: 'The recording cannot be written, so nobody can attach.',
    hint: 'tell an admin of {host}: the disk is full or failing',
  },
  ATTACH_FAILED: {
    exit: exits.os,
    say: 'tmux could not attach to session {session}.',
    hint: 'connect again; if it fails again, ask an approver to end the session with revoke',
  },
} as const;
