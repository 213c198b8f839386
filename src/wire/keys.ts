// What somebody types on a terminal in raw mode, as keys.
//
// 1. An escape sequence is one key or none: no part of it is taken for a letter that acts.
// 2. What is pasted is text and never a key that acts. Attack: a copied line with `r`, a newline and `y` in it.

export type KeyName =
  'up' | 'down' | 'enter' | 'tab' | 'back-tab' | 'escape' | 'interrupt' | 'erase' | 'erase-all' | 'repaint';
export type Key = { readonly name: KeyName } | { readonly text: string; readonly pasted: boolean };

const sequences: Readonly<Record<string, KeyName>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  '\u001b[Z': 'back-tab',
  '\u001b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u0003': 'interrupt',
  '\u0004': 'interrupt',
  '\u007f': 'erase',
  '\b': 'erase',
  '\u0015': 'erase-all',
  '\u000c': 'repaint',
};
const pasteBegins = '\u001b[200~';
const pasteEnds = '\u001b[201~';

/** ECMA-48 section 5.4 (CSI), a key of the application keypad, Alt with a key, or one character. */
const token = /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO[@-~]|\u001b[ -~]|[^]/gu;
const unseen = /\p{C}/u;

/** @returns a function that takes the next bytes and gives the keys in them. */
export function keyReader(): (piece: Uint8Array) => readonly Key[] {
  const decoder = new TextDecoder();
  let pasting = false;
  return (piece) => {
    const keys: Key[] = [];
    for (const [said] of decoder.decode(piece, { stream: true }).matchAll(token)) {
      if (said === pasteBegins || said === pasteEnds) pasting = said === pasteBegins;
      else keys.push(...keyOf(said, pasting));
    }
    return keys;
  };
}

function keyOf(said: string, pasted: boolean): readonly Key[] {
  const name = sequences[said];
  if (name !== undefined) return pasted ? [] : [{ name }];
  return unseen.test(said) ? [] : [{ text: said, pasted }];
}
