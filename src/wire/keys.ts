// Reads the bytes of a terminal in raw mode as keys.
//
// 1. An escape sequence is one key or none. Accident: a letter within a sequence is taken for a key that acts.
// 2. Pasted text is text and never a key that acts. Attack: a copied line with `r`, a newline and `y` in it.
// 3. A sequence is recognised however the bytes are split into pieces. Attack, or a long paste: a split within the mark of a paste
//    makes keys of pasted text, or pasted text of every key after it.

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

/** A control sequence (ECMA-48 section 5.4, CSI), a key of the application keypad (SS3), Alt with a key, or one character. */
const token = /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO[@-~]|\u001b[ -~]|[^]/gu;
const unseen = /\p{C}/u;

/** The beginning of a sequence at the end of a piece. It is kept for the next piece unless it is longer than `longest`. */
const begun = /\u001b(?:\[[0-?]*[ -/]*)?$/;
const longest = 32;
const escape = '\u001b';

/** Makes a reader. @returns a function that takes the next bytes and returns the keys that they complete */
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
    // An ESC alone is reported at once, since it may be the key; a sequence may still follow it (rule 3).
    if (tail === escape) keys.push(...keyOf(tail, pasting));
    held = tail.length > longest ? '' : tail;
    return keys;
  };
}

/** Joins a kept beginning with the next piece (rule 3). An ESC that was reported as a key is joined only within a paste, or before `[`. */
function joined(held: string, text: string, pasting: boolean): string {
  return held === escape && !pasting && !text.startsWith('[') ? text : held + text;
}

function keyOf(said: string, pasted: boolean): readonly Key[] {
  const name = sequences[said];
  if (name !== undefined) return pasted ? [] : [{ name }];
  return unseen.test(said) ? [] : [{ text: said, pasted }];
}
