// The line editor at a prompt: Node's readline, so that arrow keys work and keys such as Ctrl-Z, Ctrl-S and Ctrl-\ lose no text.
//
// 1. A line has at most `lineLimit` bytes; after that only control keys (enter, erase, Ctrl-C) are read. Attack: an endless paste fills
//    the memory of a program that started as root.
// 2. Only the first line is the answer; the rest is dropped. Accident: a pasted second line answers the next question.
import { createInterface } from 'node:readline';
import { PassThrough, type Writable } from 'node:stream';
import { takePaste } from '../wire/paste-prompt.ts';
import type { EditLine, LineEditor } from './late-line-editor.ts';

/** Bytes of a line, as many as the kernel's own line editing takes (N_TTY_BUF_SIZE). */
const lineLimit = 4096;

/** The editor for each kind of question. Without a terminal no key can be edited, so every line is read like a pasted one. */
export function editorAt(output: Writable | undefined, plain: boolean): EditLine {
  return (prompt, kind) =>
    kind === 'paste' || output === undefined ? takePaste(prompt, { output, plain }) : editLine(prompt, output);
}

/**
 * Starts an editor of one line.
 * @param prompt the last line of the prompt, which is on the screen already; it is written again when the line is redrawn.
 * @param output the terminal.
 */
export function editLine(prompt: string, output: Writable): LineEditor {
  const input = new PassThrough();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let left = lineLimit;
  let isAwaited = true;
  const editor = createInterface({ input, output, prompt, terminal: true, historySize: 0 });
  // An editor that is not closed would redraw its line over the session at the next resize.
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

/** Ctrl-Q, Ctrl-S, Ctrl-Z, Ctrl-\: keys for the kernel's line editing; they are ignored here. */
const idle: ReadonlySet<number> = new Set([0x11, 0x13, 0x1a, 0x1c]);

/** A control key's byte, which is never part of a character, in UTF-8 neither. */
const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f;
