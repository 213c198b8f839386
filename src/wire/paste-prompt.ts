// The prompt at which an address is pasted (paste.ts). What is pasted is a secret for a short while, so it is not echoed: only how many
// characters came.
import { pastedSoFar } from '../core/messages/pasting.ts';
import { pasteReader, settleMs } from './paste.ts';

/** Bracketed paste mode on and off (xterm, DECSET 2004). */
const [begin, end] = ['\u001b[?2004h', '\u001b[?2004l'];

/** Where a text is pasted. */
export interface PastePlace {
  /** The terminal; undefined without one. */
  readonly output: { write(text: string): unknown } | undefined;
  /** Nothing is redrawn, and the terminal is sent no control sequence: the count is shown once, at the end. */
  readonly plain: boolean;
}

/** A text that is being pasted at a prompt. */
export interface PastePrompt {
  /** Takes typed bytes. */
  take(piece: Uint8Array): void;
  /** Ends it without a text; the promise never settles. */
  drop(): void;
  /** The text; undefined when the person leaves. */
  readonly line: Promise<string | undefined>;
}

/** Starts to read a pasted text. @param prompt the last line of the prompt, which is on the screen already */
export function takePaste(prompt: string, { output, plain }: PastePlace): PastePrompt {
  const drawn = plain ? undefined : output;
  const reader = pasteReader();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let settle: NodeJS.Timeout | undefined;
  let isOver = false;
  const shown = (): string => (reader.text === '' ? '' : pastedSoFar(reader.text.length));
  drawn?.write(begin);
  const close = (): void => {
    clearTimeout(settle);
    if (!isOver) drawn?.write(end);
    isOver = true;
  };
  const leave = (text: string | undefined): void => {
    close();
    output?.write(plain ? `${shown()}\r\n` : '\r\n');
    resolve(text);
  };
  return {
    line: promise,
    take: (piece) => {
      if (isOver) return;
      clearTimeout(settle);
      const state = reader.take(piece);
      if (state === 'left') return leave(undefined);
      drawn?.write(`\r\u001b[2K${prompt}${shown()}`);
      if (state === 'ended') settle = setTimeout(() => leave(reader.text), settleMs);
    },
    drop: close,
  };
}
