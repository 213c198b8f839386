// A live connection on an auditor's terminal. The keeper has read and drawn it (keeper/recordings/drawer.ts); here it is printed.
//
// 1. No key goes anywhere: `q`, Ctrl-C, Ctrl-D and the end of input leave, and every other is dropped here. Attack: an auditor's keystroke
//    reaches the session.
// 2. One picture at a time is asked for, after the terminal has taken the one before. Accident: a stopped terminal makes memory grow.
// 3. The terminal is restored whenever something else is shown, and at the end. One that has not taken all of it by then is waited for, but
//    not long: a stopped ssh client that goes on in time is back on its own screen and reads why. Attack: such a client keeps a gate for ever.
import { enterScreen, leaveScreen } from '../wire/dashboard-paint.ts';
import type { FromGate } from '../wire/messages.ts';
import { sizeOf } from '../wire/terminal-size.ts';
import { leaves } from './input.ts';
import type { Keyboard } from './terminal.ts';
import { setBlocking } from './tty-handle.ts';

/** How long the terminal may take at the end: milliseconds. sshd ends a line that is dead sooner (sshd_config.example, ClientAlive*). */
const lastMs = 60_000;

/** The part of `process.stdout` that is used. */
export interface PictureOut {
  readonly columns: number;
  readonly rows: number;
  write(text: string, taken: () => void): boolean;
  on(event: 'resize', hear: () => void): unknown;
  off(event: 'resize', hear: () => void): unknown;
}

/** What the conversation does with a live connection. */
export interface PictureView {
  /** Whether one is on the screen. */
  readonly isOpen: boolean;
  /** Prints the next part; the first one takes the screen. */
  show(text: string): void;
  close(): void;
  /** Resolves when the terminal has taken everything, its restoration included, or after a minute. */
  settled(): Promise<void>;
}

/** @param send tells the keeper what the terminal has taken, and that the person leaves */
export function pictureViewOn(out: PictureOut, keyboard: Keyboard, send: (message: FromGate) => void): PictureView {
  let isOpen = false;
  let waiting = false;
  /** The end of the last write to a terminal that was not ready. */
  let late: Promise<undefined> | undefined;
  const shown = (): void => {
    if (isOpen && !waiting) send({ t: 'shown', ...sizeOf(out) });
  };
  const begin = (): void => {
    isOpen = true;
    setBlocking(out, false);
    keyboard.keys((piece) => {
      if (piece === undefined || leaves(Buffer.from(piece))) send({ t: 'leave' });
    });
    out.on('resize', shown);
  };
  return {
    get isOpen() {
      return isOpen;
    },
    show: (text) => {
      const first = isOpen ? '' : enterScreen;
      if (!isOpen) begin();
      waiting = true;
      out.write(first + text, () => {
        waiting = false;
        shown();
      });
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      out.off('resize', shown);
      keyboard.rest();
      const restored = Promise.withResolvers<undefined>();
      out.write(leaveScreen, () => restored.resolve(undefined));
      if (waiting) late = restored.promise;
      else setBlocking(out, true);
    },
    settled: async () => {
      if (late === undefined) return;
      const enough = Promise.withResolvers<undefined>();
      const timer = setTimeout(enough.resolve, lastMs, undefined);
      const rest = new Promise<void>((resolve) => out.write('', () => resolve()));
      await Promise.race([Promise.all([late, rest]), enough.promise]);
      clearTimeout(timer);
    },
  };
}
