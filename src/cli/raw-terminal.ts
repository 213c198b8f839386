// The terminal of whoever watches a recording: in raw mode and on its alternate screen while it is used, and as it was before at every
// end: the key that leaves, a signal, an error, the exit of the process. It is so too while the process is stopped (Ctrl-Z, SIGTSTP): the
// shell's prompt would stand in the picture, and what is typed there would not be seen.
import type { ScreenSize } from '../recordings/screen.ts';
import { sizeOf } from '../wire/terminal-size.ts';

/** Alternate screen, no automatic wrapping. */
const enter = '\u001b[?1049h\u001b[?7l';
const leave = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;
const ctrlZ = '\u001a';

export interface RawTerminal {
  readonly size: ScreenSize;
  write(text: string): void;
  /** Puts the terminal back. */
  leave(): void;
}

/** What is called while it is used. */
export interface RawEvents {
  readonly typed: (text: string) => void;
  /** It has another size, or shows nothing any more of what was written to it. */
  readonly resized: (size: ScreenSize) => void;
  /** The terminal is gone, or a signal that ends came. */
  readonly ended: () => void;
}

/** Takes the terminal. */
export function takeTerminal(events: RawEvents): RawTerminal {
  const { stdin, stdout } = process;
  const size = (): ScreenSize => sizeOf(stdout);
  const typed = (piece: Buffer): void => {
    const text = piece.toString('latin1');
    if (text === ctrlZ) suspend();
    else events.typed(text);
  };
  const resized = (): void => events.resized(size());
  const giveBack = (): void => {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdout.write(leave);
  };
  /** Whoever stopped the process may have set the terminal otherwise meanwhile. Of a new size the shell alone was told. */
  const again = (): void => {
    stdin.setRawMode(false).setRawMode(true);
    stdout.write(enter);
    process.kill(process.pid, 'SIGWINCH');
    resized();
  };
  const suspend = (): void => {
    giveBack();
    process.off('SIGTSTP', suspend);
    // The process stops within this call, until SIGCONT. Where no shell could continue it, the kernel drops the signal (setpgid(2)).
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', suspend);
    again();
  };
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    process.off('exit', over);
    for (const signal of signals) process.off(signal, events.ended);
    process.off('SIGTSTP', suspend).off('SIGCONT', again);
    stdin.off('data', typed).off('end', events.ended);
    stdout.off('resize', resized);
    stdin.pause();
    giveBack();
  };
  process.on('exit', over).on('SIGTSTP', suspend).on('SIGCONT', again);
  for (const signal of signals) process.on(signal, events.ended);
  stdin.setRawMode(true).resume().on('data', typed).on('end', events.ended);
  stdout.on('resize', resized);
  stdout.write(enter);
  return { size: size(), write: (text) => void stdout.write(text), leave: over };
}
