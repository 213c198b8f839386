// Every line that a person reads at the door goes through here.
//
// - Without a terminal nothing but a verb's own output goes to stdout: text there breaks the framing of sftp and of scripts.
// - A wait shows what is waited for, for how long, and how to stop it; on no terminal, and on a plain one, a line at once and every ten seconds, which is also
//   how a lost caller is noticed (sshd does not end a command without a terminal).
// - Colour and glyphs only where a terminal shows them.
import type { RefusalNames } from '../core/refusal-text.ts';
import { formatDuration, formatElapsed } from '../core/time.ts';
import { fold, refusalLines, spinnerLine, type Style } from '../wire/speech.ts';
import { ownRefusal, type GateRefusalCode } from './own-refusal.ts';

const tickMs = 100;
const heartbeatMs = 10_000;
const clearLine = '\r\u001b[2K';

export interface Voice {
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

export interface Mouth {
  readonly style: Style;
  /** Whether stdin and stdout are a terminal. */
  readonly tty: boolean;
  readonly now: () => number;
  write(to: 'stdout' | 'stderr', text: string): void;
}

export function voiceOf(mouth: Mouth): Voice {
  let stop: (() => void) | undefined;
  const noteTo = mouth.tty ? 'stdout' : 'stderr';
  const calm = (): void => {
    stop?.();
    stop = undefined;
  };
  const lines = (to: 'stdout' | 'stderr', text: readonly string[]): void => {
    calm();
    if (text.length > 0) mouth.write(to, `${fold(text, mouth.style.columns).join('\n')}\n`);
  };
  return {
    out: (text) => lines('stdout', text),
    note: (text) => lines(noteTo, text),
    prompt: (text) => {
      calm();
      const shown = fold([text], mouth.style.columns).join('\n');
      mouth.write(noteTo, shown);
      return shown.slice(shown.lastIndexOf('\n') + 1);
    },
    refuse: (code, say, hint) => lines(noteTo, refusalLines(mouth.style, code, say, hint)),
    bell: () => {
      if (mouth.tty) mouth.write('stdout', '\u0007');
    },
    eraseLine: () => mouth.write('stdout', '\u001b[1A\u001b[2K'),
    wait: (text, until) => {
      calm();
      stop = mouth.tty && mouth.style.plain !== true ? spin(mouth, text, until) : beat(mouth, text, until);
    },
    calm,
  };
}

function spin(mouth: Mouth, text: string, until: number | undefined): () => void {
  const since = mouth.now();
  let tick = 0;
  const draw = (): void => {
    const now = mouth.now();
    const left = until === undefined ? undefined : until - now;
    mouth.write(
      'stdout',
      `${clearLine}${spinnerLine(mouth.style, text, { tick: tick++, waitedMs: now - since, leftMs: left })}`,
    );
  };
  draw();
  const timer = setInterval(draw, tickMs);
  return () => {
    clearInterval(timer);
    mouth.write('stdout', clearLine);
  };
}

/** A line at once and every ten seconds: for a pipe, and for who has it read aloud. */
function beat(mouth: Mouth, text: string, until: number | undefined): () => void {
  const since = mouth.now();
  const tell = (): void => {
    const now = mouth.now();
    const waited = formatElapsed(now - since);
    const left = until === undefined ? '' : `, ${formatDuration(until - now)} left`;
    mouth.write('stderr', `${text} (${waited}${left}; ${mouth.tty ? 'q' : 'Ctrl-C'} cancels)\n`);
  };
  tell();
  const timer = setInterval(tell, heartbeatMs);
  return () => clearInterval(timer);
}

/** A refusal that the gate makes by itself, when there is no keeper to make it. */
export function refuseAlone(voice: Voice, code: GateRefusalCode, names: RefusalNames): number {
  const { say, hint, exit } = ownRefusal(code, names);
  voice.refuse(code, say, hint);
  return exit;
}
