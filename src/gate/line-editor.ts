// The line that a person types at a prompt: Node's own line editor (readline), so that arrows move, and keys that a terminal would act
// on (Ctrl-Z, Ctrl-S, Ctrl-\) lose nothing of what was typed.
//
// 1. It grows to so many characters and no further; what ends it, corrects it or leaves is heard all the same. Attack: a paste without
//    an end fills memory of a program that started as root.
// 2. What comes behind the first line is nobody's answer.
import { createInterface } from 'node:readline';
import { PassThrough, type Writable } from 'node:stream';
import type { LineEditor } from './late-line-editor.ts';

/** As much as a terminal's own line editing takes (N_TTY_BUF_SIZE). */
const lineLimit = 4096;

/**
 * @param prompt the last line of it, which is on the screen already: written again whenever the line is drawn anew.
 * @param output the terminal.
 */
export function editLine(prompt: string, output: Writable): LineEditor {
  const input = new PassThrough();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let left = lineLimit;
  let isAwaited = true;
  const editor = createInterface({ input, output, prompt, terminal: true, historySize: 0 });
  // Closed by its own means: else it would draw its line over the session at the next resize.
  const end = (line: string | undefined): void => {
    if (isAwaited) resolve(line?.slice(0, lineLimit));
    isAwaited = false;
    editor.close();
  };
  editor
    .once('line', end)
    .once('SIGINT', () => end(undefined))
    .once('close', () => end(undefined));
  return {
    line: promise,
    take: (piece) => {
      const meant = piece.filter((byte) => !idle.has(byte));
      const kept = left > 0 ? meant.subarray(0, left) : meant.filter(isControl);
      left -= kept.length;
      input.write(kept);
    },
    drop: () => {
      isAwaited = false;
      editor.close();
    },
  };
}

/** Ctrl-Q and Ctrl-S, Ctrl-Z, Ctrl-\: keys for a terminal in its own line editing, and nothing that could be seen in a line. */
const idle: ReadonlySet<number> = new Set([0x11, 0x13, 0x1a, 0x1c]);

/** Rule 1: no byte of a character, in UTF-8 neither. */
const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f;
