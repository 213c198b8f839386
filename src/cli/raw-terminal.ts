// The terminal of whoever watches a recording: in raw mode and on its alternate screen while it is used, and as it was before at every
// end: the key that leaves, a signal, an error, the exit of the process.
import type { ScreenSize } from '../recordings/screen.ts';
import { sizeOf } from '../wire/terminal-size.ts';

/** Alternate screen, no automatic wrapping. */
const enter = '\u001b[?1049h\u001b[?7l';
const leave = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

export interface RawTerminal {
  readonly size: ScreenSize;
  write(text: string): void;
  /** Puts the terminal back. */
  leave(): void;
}

/** What is called while it is used. */
export interface RawEvents {
  readonly typed: (text: string) => void;
  readonly resized: (size: ScreenSize) => void;
  /** The terminal is gone, or a signal came. */
  readonly ended: () => void;
}

/** Takes the terminal. */
export function takeTerminal(events: RawEvents): RawTerminal {
  const { stdin, stdout } = process;
  const size = (): ScreenSize => sizeOf(stdout);
  const typed = (piece: Buffer): void => events.typed(piece.toString('latin1'));
  const resized = (): void => events.resized(size());
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    process.off('exit', over);
    for (const signal of signals) process.off(signal, events.ended);
    stdin.off('data', typed).off('end', events.ended);
    stdout.off('resize', resized);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    stdout.write(leave);
  };
  process.on('exit', over);
  for (const signal of signals) process.on(signal, events.ended);
  stdin.setRawMode(true).resume().on('data', typed).on('end', events.ended);
  stdout.on('resize', resized);
  stdout.write(enter);
  return { size: size(), write: (text) => void stdout.write(text), leave: over };
}
