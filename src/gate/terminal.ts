// The caller's terminal before "go": lines typed at a prompt (the kernel's own line editing), and the keys that cancel a
// wait. What is typed at any other time is dropped: it was not meant for the session.
import type { Readable } from 'node:stream';

export interface Keyboard {
  /** The next line, without its end; undefined at end of input. */
  line(): Promise<string | undefined>;
  /** From now on `q`, Ctrl-C and Ctrl-D call `cancel`, and nothing is echoed. */
  listen(cancel: () => void): void;
  /** From now on every byte goes to `hear`, and nothing is echoed; undefined when there will be no more. */
  keys(hear: (piece: Uint8Array | undefined) => void): void;
  /** Back to plain line editing. */
  rest(): void;
}

interface RawSource extends Readable {
  setRawMode?(raw: boolean): unknown;
}

const lineLimit = 4096;
const cancelKeys = /[qQ\u0003\u0004]/;

export function keyboardOn(source: RawSource, tty: boolean): Keyboard {
  if (!tty) return silent;
  let typed = '';
  let onLine: ((text: string | undefined) => void) | undefined;
  let onCancel: (() => void) | undefined;
  let onKeys: ((piece: Uint8Array | undefined) => void) | undefined;
  const settle = (text: string | undefined): void => {
    onLine?.(text);
    onLine = undefined;
  };
  source.on('data', (piece: Buffer) => {
    if (onKeys !== undefined) return onKeys(piece);
    const text = piece.toString('utf8');
    if (onCancel !== undefined && cancelKeys.test(text)) onCancel();
    if (onLine === undefined) return;
    typed = (typed + text).slice(0, lineLimit);
    const at = typed.indexOf('\n');
    if (at >= 0) settle(typed.slice(0, at));
  });
  source.on('end', () => {
    onKeys?.(undefined);
    settle(undefined);
  });
  return {
    line: async () => {
      typed = '';
      return new Promise((resolve) => (onLine = resolve));
    },
    listen: (cancel) => {
      source.setRawMode?.(true);
      onCancel = cancel;
    },
    keys: (hear) => {
      source.setRawMode?.(true);
      onKeys = hear;
    },
    rest: () => {
      onCancel = undefined;
      onKeys = undefined;
      source.setRawMode?.(false);
    },
  };
}

/** Without a terminal nobody is asked, and the end of input cancels nothing (design section 5). */
const silent: Keyboard = {
  line: async () => Promise.resolve(undefined),
  listen: () => undefined,
  keys: () => undefined,
  rest: () => undefined,
};
