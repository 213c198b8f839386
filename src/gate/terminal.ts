// The caller's terminal before "go": lines typed at a prompt, and the keys that cancel a wait. What is typed at any other time is
// dropped: it was not meant for the session.
import type { Readable } from 'node:stream';
import type { EditLine, LineEditor } from './late-line-editor.ts';

export interface Keyboard {
  /**
   * The next line, without its end; undefined at end of input.
   * @param prompt shows it once nothing else shows what is typed. @returns its last line.
   */
  line(prompt: () => string): Promise<string | undefined>;
  /** From now on `q`, Ctrl-C and Ctrl-D call `cancel`, and nothing is echoed. */
  listen(cancel: () => void): void;
  /** From now on every byte goes to `hear`, and nothing is echoed; undefined when there will be no more. */
  keys(hear: (piece: Uint8Array | undefined) => void): void;
  /** Keys mean nothing again; a line that is being typed goes on. */
  rest(): void;
  /** The same, and nobody waits for that line any more. */
  drop(): void;
}

interface RawSource extends Readable {
  setRawMode?(raw: boolean): unknown;
}

const cancelKeys = /[qQ\u0003\u0004]/;

export function keyboardOn(source: RawSource, tty: boolean, edit: EditLine): Keyboard {
  if (!tty) return silent;
  let editor: LineEditor | undefined;
  let onCancel: (() => void) | undefined;
  let onKeys: ((piece: Uint8Array | undefined) => void) | undefined;
  const ended = Promise.withResolvers<undefined>();
  const rest = (): void => {
    onCancel = undefined;
    onKeys = undefined;
    source.setRawMode?.(editor !== undefined);
  };
  source.on('data', (piece: Buffer) => {
    if (onKeys !== undefined) return onKeys(piece);
    if (onCancel !== undefined && cancelKeys.test(piece.toString('utf8'))) onCancel();
    editor?.take(piece);
  });
  source.on('end', () => {
    onKeys?.(undefined);
    ended.resolve(undefined);
  });
  const drop = (): void => {
    editor?.drop();
    editor = undefined;
    rest();
  };
  return {
    line: async (prompt) => {
      editor?.drop();
      source.setRawMode?.(true);
      const mine = edit(prompt());
      editor = mine;
      const text = await Promise.race([mine.line, ended.promise]);
      if (editor === mine) drop();
      return text;
    },
    listen: (cancel) => {
      source.setRawMode?.(true);
      onCancel = cancel;
    },
    keys: (hear) => {
      source.setRawMode?.(true);
      onKeys = hear;
    },
    rest,
    drop,
  };
}

/** Without a terminal nobody is asked, and the end of input cancels nothing (docs/design.md, "Requests and reviews"). */
const silent: Keyboard = {
  line: async (prompt) => Promise.resolve(void prompt()),
  listen: () => undefined,
  keys: () => undefined,
  rest: () => undefined,
  drop: () => undefined,
};
