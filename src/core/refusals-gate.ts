// Refusals that the gate makes itself, when no keeper can. How they are written: refusals.ts. The gate loads only these: whatever it
// loads before "go" delays everybody.
import { exits } from './exits.ts';

export const gateRefusals = {
  KEEPER_DOWN: {
    exit: exits.unavailable,
    say: 'The keeper of this host does not answer, so the door stays shut.',
    hint: 'tell an admin of {host}: systemctl status tmux-gate',
  },
  PROTOCOL: {
    exit: exits.internal,
    say: 'The gate and its keeper do not understand each other.',
    hint: 'tell an admin of {host}: restart tmux-gate after an update',
  },
  INTERNAL: {
    exit: exits.internal,
    say: 'Something went wrong inside the gate, so the door stays shut.',
    hint: 'tell an admin of {host}: journalctl -u tmux-gate',
  },
  NOT_BY_SUDO: {
    exit: exits.noperm,
    say: 'The gate was not started by its sudo rule.',
    hint: 'connect with ssh; nothing else opens this door',
  },
  CANCELLED: { exit: exits.interrupted, say: 'Cancelled.', hint: 'connect again to start over' },
  RECORDING_DOWN: {
    exit: exits.unavailable,
    say: 'The recording cannot be written, so nothing may open.',
    hint: 'tell an admin of {host}: the disk is full or failing',
  },
  ATTACH_FAILED: {
    exit: exits.os,
    say: 'tmux could not attach to session {session}.',
    hint: 'connect again; if it stays, an approver can end the session: revoke',
  },
} as const;
