// The caller's keyboard before "go": lines typed at a prompt, keys that cancel a wait, keys of the dashboard. What is typed at any other
// time is dropped. Accident: it would reach the session later.
import type { Readable } from 'node:stream';
import type { AskKind } from '../wire/messages.ts';
import type { EditLine, LineEditor } from './late-line-editor.ts';

/** What is typed, for whoever asks. */
export interface Keyboard {
  /**
   * Reads the next line, without its end; undefined at the end of input, or when the person leaves.
   * @param prompt shows the prompt and returns its last line; called once echo is off.
   * @param kind of the question; one that has none is not asked without a terminal.
   */
  line(prompt: () => string, kind?: AskKind): Promise<string | undefined>;
  /** Calls `cancel` at `q`, Ctrl-C and Ctrl-D from now on; nothing is echoed. */
  listen(cancel: () => void): void;
  /** Gives every byte to `hear` from now on, and undefined at the end of input; nothing is echoed. */
  keys(hear: (piece: Uint8Array | undefined) => void): void;
  /** Ends `listen` and `keys`; a line that is being typed goes on. */
  rest(): void;
  /** Ends `listen`, `keys` and the line that is being typed. */
  drop(): void;
}

interface RawSource extends Readable {
  setRawMode?(raw: boolean): unknown;
}

const cancelKeys = /[qQ\u0003\u0004]/;

/** The keyboard of one visit. @param tty whether stdin and stdout are a terminal */
export function keyboardOn(source: RawSource, tty: boolean, edit: EditLine): Keyboard {
  if (!tty) return pipeOn(source, edit);
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
    line: async (prompt, kind) => {
      editor?.drop();
      source.setRawMode?.(true);
      const mine = edit(prompt(), kind);
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

/**
 * Without a terminal only what a sign-in needs is read, a line each, and the end of input cancels no wait (docs/design.md, "Requests and
 * reviews"). At the end of input a choice is the empty answer, which means the usual one, and an address is none.
 */
function pipeOn(source: RawSource, edit: EditLine): Keyboard {
  let editor: LineEditor | undefined;
  let isOver = false;
  const over = (): void => {
    isOver = true;
    editor?.take(lineEnd);
  };
  const listen = (): void => {
    if (source.listenerCount('end', over) > 0) return;
    source.on('end', over).on('data', (piece: Buffer) => editor?.take(piece));
  };
  return {
    line: async (prompt, kind) => {
      const shown = prompt();
      if (kind === undefined) return undefined;
      editor = edit(shown, kind);
      listen();
      if (isOver) editor.take(lineEnd);
      const text = await editor.line;
      return text === '' && isOver && kind === 'paste' ? undefined : text;
    },
    listen: () => undefined,
    keys: () => undefined,
    rest: () => undefined,
    drop: () => editor?.drop(),
  };
}

const lineEnd = Buffer.from('\n');
