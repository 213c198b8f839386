// What somebody types on a terminal in raw mode, as keys.
//
// 1. An escape sequence is one key or none: no part of it is taken for a letter that acts.
// 2. What is pasted is text and never a key that acts. Attack: a copied line with `r`, a newline and `y` in it.
// 3. A sequence is one however it was cut into pieces. Attack, or a long text: a cut in the mark of a paste makes keys of what is
//    pasted, or text of every key that comes after it.

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

/** What the next piece may go on with; longer than any that we know it is let go. */
const begun = /\u001b(?:\[[0-?]*[ -/]*)?$/;
const longest = 32;
const escape = '\u001b';

/** @returns a function that takes the next bytes and gives the keys in them. */
export function keyReader(): (piece: Uint8Array) => readonly Key[] {
  const decoder = new TextDecoder();
  let pasting = false;
  let held = '';
  return (piece) => {
    const keys: Key[] = [];
    const text = joined(held, decoder.decode(piece, { stream: true }), pasting);
    const tail = begun.exec(text)?.[0] ?? '';
    for (const [said] of text.slice(0, text.length - tail.length).matchAll(token)) {
      if (said === pasteBegins || said === pasteEnds) pasting = said === pasteBegins;
      else keys.push(...keyOf(said, pasting));
    }
    // Nobody waits for what may follow a key that somebody pressed.
    if (tail === escape) keys.push(...keyOf(tail, pasting));
    held = tail.length > longest ? '' : tail;
    return keys;
  };
}

/** Rule 3. An ESC that was a key already belongs to what follows only if that makes a sequence of it. */
function joined(held: string, text: string, pasting: boolean): string {
  return held === escape && !pasting && !text.startsWith('[') ? text : held + text;
}

function keyOf(said: string, pasted: boolean): readonly Key[] {
  const name = sequences[said];
  if (name !== undefined) return pasted ? [] : [{ name }];
  return unseen.test(said) ? [] : [{ text: said, pasted }];
}
