// The ends of a connection that the relay sees: the reason for the keeper, the exit code of ssh, and the last lines on the screen.
import type { FromGate, Go } from '../wire/messages.ts';
import { refusalLines } from '../wire/screen-text.ts';
import { ownRefusal, type GateRefusalCode } from './own-refusal.ts';

export type EndReason = Extract<FromGate, { t: 'ended' }>['why'];

export interface End {
  readonly why: EndReason;
  readonly exit: number;
  readonly lines: readonly string[];
}

const plain = { colour: false, utf8: false };

/** The ssh connection is lost, so nobody reads a line. 129 is 128 + SIGHUP. */
export const lineLost: End = { why: 'line', exit: 129, lines: [] };

/** The window is over. @param lines the keeper's lines for it */
export function windowOver(lines: readonly string[]): End {
  return { why: 'cut', exit: 0, lines };
}

/** The tmux client exited by itself: the person detached, the session ended, or (another exit code than 0) tmux could not attach. */
export function clientEnded({ session, host, input }: Go, exitCode: number): End {
  const again = input === 'never' ? `${session} --view` : session;
  if (exitCode !== 0) return refused('failed', 'ATTACH_FAILED', { session });
  return {
    why: 'detached',
    exit: 0,
    lines: [`tmux-gate: left session ${session}. Your window stays open; again: ssh -t ${host} ${again}`],
  };
}

/** The tmux client was killed by a signal, and not by the keeper. */
export function clientKilled(go: Go): End {
  return failed(go, 'your tmux client was killed');
}

/** The tmux client was stopped, and the keeper could not continue it. */
export function clientStopped(go: Go): End {
  return failed(go, 'your tmux client was stopped, and nothing continued it');
}

function failed({ session, host }: Go, what: string): End {
  const lines = [`tmux-gate: ${what} in session ${session}. If your window is open: ssh -t ${host} ${session}`];
  return { why: 'failed', exit: 71, lines };
}

/** The recording cannot be written (exit code EX_IOERR). */
export function recordingFailed({ host }: Go): End {
  return {
    why: 'recording',
    exit: 74,
    lines: [
      'tmux-gate: the recording cannot be written, so the line was cut. [RECORDING_DOWN]',
      `hint: tell an admin of ${host}: the disk is full or failing`,
    ],
  };
}

function refused(why: EndReason, code: GateRefusalCode, names: Readonly<Record<string, string>>): End {
  const { say, hint, exit } = ownRefusal(code, names);
  return { why, exit, lines: refusalLines(plain, code, say, hint) };
}
