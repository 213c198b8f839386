// Loads the line editor only at the first prompt: somebody with a grant who named their session is asked nothing.
import type { AskKind } from '../wire/messages.ts';

/** The editor of one line at a prompt. */
export interface LineEditor {
  /** Takes typed bytes. */
  take(piece: Uint8Array): void;
  /** Ends the editor without a line; the promise never settles. */
  drop(): void;
  /** The line without its end; undefined when the person leaves (Ctrl-C, or Ctrl-D on an empty line). */
  readonly line: Promise<string | undefined>;
}

/** Starts an editor. @param prompt the last line of the prompt, which is on the screen already. @param kind of the question */
export type EditLine = (prompt: string, kind?: AskKind) => LineEditor;

/** An editor that is loaded when it starts; bytes that come meanwhile are given to it once it is loaded. */
export function lateLineEditor(load: () => Promise<EditLine>): EditLine {
  return (prompt, kind) => {
    const { promise: line, resolve } = Promise.withResolvers<string | undefined>();
    const early: Uint8Array[] = [];
    let editor: LineEditor | undefined;
    let dropped = false;
    const begin = (edit: EditLine): void => {
      if (dropped) return;
      editor = edit(prompt, kind);
      for (const piece of early) editor.take(piece);
      void editor.line.then(resolve);
    };
    void load().then(begin);
    return {
      line,
      take: (piece) => (editor === undefined ? void early.push(piece) : editor.take(piece)),
      drop: () => {
        dropped = true;
        editor?.drop();
      },
    };
  };
}
