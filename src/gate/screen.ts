// Every line that a person reads at the door goes through here.
//
// - Without a terminal nothing but a verb's own output goes to stdout: text there breaks the framing of sftp and of scripts.
// - A wait shows what is waited for, for how long, and how to stop it; on no terminal, and on a plain one, a line at once and every ten seconds, which is also
//   how a lost caller is noticed (sshd does not end a command without a terminal).
// - Colour and glyphs only where a terminal shows them.
import type { RefusalNames } from '../core/refusal-text.ts';
import { formatDuration, formatElapsed } from '../core/time.ts';
import { fold, refusalLines, spinnerLine, type Style } from '../wire/screen-text.ts';
import { ownRefusal, type GateRefusalCode } from './own-refusal.ts';

const tickMs = 100;
const heartbeatMs = 10_000;
const clearLine = '\r\u001b[2K';

export interface Screen {
  out(lines: readonly string[]): void;
  note(lines: readonly string[]): void;
  /** @returns its last line, behind which the answer is typed. */
  prompt(text: string): string;
  refuse(code: string, say: string, hint: string): void;
  bell(): void;
  /** The line above, with what was typed in it. */
  eraseLine(): void;
  /** @param until instant at which the wait ends by itself, if it does. */
  wait(text: string, until: number | undefined): void;
  calm(): void;
}

export interface Output {
  readonly style: Style;
  /** Whether stdin and stdout are a terminal. */
  readonly tty: boolean;
  readonly now: () => number;
  write(to: 'stdout' | 'stderr', text: string): void;
}

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

/** A line at once and every ten seconds: for a pipe, and for who has it read aloud. */
function beat(output: Output, text: string, until: number | undefined): () => void {
  const since = output.now();
  const tell = (): void => {
    const now = output.now();
    const waited = formatElapsed(now - since);
    const left = until === undefined ? '' : `, ${formatDuration(until - now)} left`;
    output.write('stderr', `${text} (${waited}${left}; ${output.tty ? 'q' : 'Ctrl-C'} cancels)\n`);
  };
  tell();
  const timer = setInterval(tell, heartbeatMs);
  return () => clearInterval(timer);
}

/** A refusal that the gate makes by itself, when there is no keeper to make it. */
export function refuseAlone(screen: Screen, code: GateRefusalCode, names: RefusalNames): number {
  const { say, hint, exit } = ownRefusal(code, names);
  screen.refuse(code, say, hint);
  return exit;
}
