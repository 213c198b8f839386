// The screen before "go": every line that a person reads goes through here.
//
// - Without a terminal, stdout gets only a verb's own output: other text there breaks sftp and scripts.
// - A wait shows what is waited for, for how long, and how to cancel. Without a terminal, or on a plain one, that is a line at once and
//   every ten seconds, by which a lost caller is noticed too (sshd does not end a command without a terminal).
// - Colour and symbols are used only where the terminal shows them.
import type { RefusalNames } from '../core/refusal-text.ts';
import { formatDuration, formatElapsed } from '../core/time.ts';
import { waitDetails } from '../core/messages/gate.ts';
import { fold, refusalLines, spinnerLine, type Style } from '../wire/screen-text.ts';
import { ownRefusal, type GateRefusalCode } from './own-refusal.ts';

const tickMs = 100;
const heartbeatMs = 10_000;
const clearLine = '\r\u001b[2K';

/** What can be shown. `out` is a verb's own output, `note` everything else. */
export interface Screen {
  out(lines: readonly string[]): void;
  note(lines: readonly string[]): void;
  /** Shows a question. @returns its last line, after which the answer is typed */
  prompt(text: string): string;
  refuse(code: string, say: string, hint: string): void;
  bell(): void;
  /** Clears the line above, with what was typed in it. */
  eraseLine(): void;
  /** Shows a wait until `calm` or other output. @param until when it ends by itself: instant, ms */
  wait(text: string, until: number | undefined): void;
  /** Ends the wait. */
  calm(): void;
}

/** Where lines go, and how they look. */
export interface Output {
  readonly style: Style;
  /** Whether stdin and stdout are a terminal. */
  readonly tty: boolean;
  readonly now: () => number;
  write(to: 'stdout' | 'stderr', text: string): void;
}

/** The screen of one visit. */
export function screenOn(output: Output): Screen {
  let stop: (() => void) | undefined;
  const noteTo = output.tty ? 'stdout' : 'stderr';
  const calm = (): void => {
    stop?.();
    stop = undefined;
  };
  const lines = (to: 'stdout' | 'stderr', text: readonly string[]): void => {
    calm();
    if (text.length > 0) output.write(to, `${fold(text, output.style.columns).join('\n')}\n`);
  };
  return {
    out: (text) => lines('stdout', text),
    note: (text) => lines(noteTo, text),
    prompt: (text) => {
      calm();
      const shown = fold([text], output.style.columns).join('\n');
      output.write(noteTo, shown);
      return shown.slice(shown.lastIndexOf('\n') + 1);
    },
    refuse: (code, say, hint) => lines(noteTo, refusalLines(output.style, code, say, hint)),
    bell: () => {
      if (output.tty) output.write('stdout', '\u0007');
    },
    eraseLine: () => output.write('stdout', '\u001b[1A\u001b[2K'),
    wait: (text, until) => {
      calm();
      stop = output.tty && output.style.plain !== true ? spin(output, text, until) : beat(output, text, until);
    },
    calm,
  };
}

function spin(output: Output, text: string, until: number | undefined): () => void {
  const since = output.now();
  let tick = 0;
  const draw = (): void => {
    const now = output.now();
    const left = until === undefined ? undefined : until - now;
    output.write(
      'stdout',
      `${clearLine}${spinnerLine(output.style, text, { tick: tick++, waitedMs: now - since, leftMs: left })}`,
    );
  };
  draw();
  const timer = setInterval(draw, tickMs);
  return () => {
    clearInterval(timer);
    output.write('stdout', clearLine);
  };
}

/** Writes a line at once and every ten seconds, for a pipe or a screen reader. */
function beat(output: Output, text: string, until: number | undefined): () => void {
  const since = output.now();
  const tell = (): void => {
    const now = output.now();
    const left = until === undefined ? undefined : formatDuration(until - now);
    const [detail] = waitDetails({ waited: formatElapsed(now - since), left }, output.tty ? 'q' : 'Ctrl-C');
    output.write('stderr', `${text}${detail}\n`);
  };
  tell();
  const timer = setInterval(tell, heartbeatMs);
  return () => clearInterval(timer);
}

/** Shows a refusal of the gate's own. @returns its exit code */
export function refuseAlone(screen: Screen, code: GateRefusalCode, names: RefusalNames): number {
  const { say, hint, exit } = ownRefusal(code, names);
  screen.refuse(code, say, hint);
  return exit;
}
