// The editor of a prompt's line, loaded at the first prompt and not before: who has a grant and named their session meets none.

export interface LineEditor {
  /** What was typed. */
  take(piece: Uint8Array): void;
  /** Nobody waits for the line any more: its promise stays open. */
  drop(): void;
  /** Without its end; undefined when the person leaves (Ctrl-C, or Ctrl-D on an empty line). */
  readonly line: Promise<string | undefined>;
}

/** @param prompt the last line of it, which is on the screen already. */
export type EditLine = (prompt: string) => LineEditor;

/** What is typed while it is loaded is typed into it. */
export function lateLineEditor(load: () => Promise<EditLine>): EditLine {
  return (prompt) => {
    const { promise: line, resolve } = Promise.withResolvers<string | undefined>();
    const early: Uint8Array[] = [];
    let editor: LineEditor | undefined;
    let dropped = false;
    const begin = (edit: EditLine): void => {
      if (dropped) return;
      editor = edit(prompt);
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
