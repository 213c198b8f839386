// The ends of a connection that the relay sees: the reason for the keeper, the exit code of ssh, and the last lines on the screen.
import type { FromGate, Go } from '../wire/messages.ts';
import { refusalLines } from '../wire/screen-text.ts';
import { ownRefusal, type GateRefusalCode } from './own-refusal.ts';
import {
  clientGoneLines,
  clientWasKilled,
  clientWasStopped,
  detachedLines,
  quotaLines,
  recordingFailedLines,
} from '../core/messages/attached.ts';

export type EndReason = Extract<FromGate, { t: 'ended' }>['why'];

/** An end: `exit` is ssh's exit code, `lines` are the last ones on the screen. */
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
export function clientEnded({ session, host, input, end }: Go, exitCode: number): End {
  const again = input === 'never' ? `${session} --view` : session;
  if (exitCode !== 0) return refused('failed', 'ATTACH_FAILED', { session });
  return {
    why: 'detached',
    exit: 0,
    lines: detachedLines(host, end, again),
  };
}

/** The tmux client was killed by a signal, and not by the keeper. */
export function clientKilled(go: Go): End {
  return failed(go, clientWasKilled);
}

/** The tmux client was stopped, and the keeper could not continue it. */
export function clientStopped(go: Go): End {
  return failed(go, clientWasStopped);
}

function failed(go: Go, what: string): End {
  return { why: 'failed', exit: 71, lines: clientGoneLines(go, what) };
}

/** The recording cannot be written (exit code EX_IOERR). */
export function recordingFailed({ host }: Go): End {
  return { why: 'recording', exit: 74, lines: recordingFailedLines(host) };
}

/** The recording has all the bytes that it may have (exit code EX_TEMPFAIL: the person may attach again). */
export function quotaReached(go: Go): End {
  return { why: 'quota', exit: 75, lines: quotaLines(go, go.quota) };
}

function refused(why: EndReason, code: GateRefusalCode, names: Readonly<Record<string, string>>): End {
  const { say, hint, exit } = ownRefusal(code, names);
  return { why, exit, lines: refusalLines(plain, code, say, hint) };
}
