// Reads an address that is pasted at a prompt, as bytes of a terminal or of a pipe.
//
// 1. At most `pasteLimit` characters are kept. Attack: an endless paste fills the memory of a program that started as root.
// 2. A line end ends the text only where nothing more comes with it: between the marks of a bracketed paste (xterm, "Bracketed Paste
//    Mode") it never does, and elsewhere the caller waits a moment after `ended`. Accident: a terminal that wraps a long address hands it
//    over in several lines, and the first of them would be the answer.
// 3. Only printable ASCII is kept, which is all that an address has (RFC 3986 section 2). Keys that move a cursor do nothing.

/** The most characters of a pasted text. Providers make addresses of up to 4 kB; wrapping adds to that. */
export const pasteLimit = 8192;

/** How long nothing may come after a line end, in milliseconds, until it counts as Enter (rule 2). */
export const settleMs = 200;

/** `more`: the text goes on. `ended`: it ends here if nothing more comes. `left`: the person left (Ctrl-C, or Ctrl-D before any text). */
export type PasteState = 'more' | 'ended' | 'left';

/** A text that is being pasted. */
export interface PasteReader {
  /** The text so far. */
  readonly text: string;
  take(piece: Uint8Array): PasteState;
}

/** A reader that has nothing yet. */
export function pasteReader(): PasteReader {
  return new Reader();
}

const [ctrlC, ctrlD, backspace, ctrlU, escape, del] = [0x03, 0x04, 0x08, 0x15, 0x1b, 0x7f];
const lineEnds: readonly number[] = [0x0a, 0x0d];
const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < del;
/** The last byte of a control sequence (ECMA-48 section 5.4). */
const isFinal = (byte: number): boolean => byte >= 0x40 && byte < del;

class Reader implements PasteReader {
  text = '';
  #state: PasteState = 'more';
  /** Of a control sequence: what came after ESC; undefined outside of one. */
  #sequence: string | undefined;
  #isBracketed = false;

  take(piece: Uint8Array): PasteState {
    for (const byte of piece) if (this.#state !== 'left') this.#hear(byte);
    return this.#state;
  }

  #hear(byte: number): void {
    if (byte === ctrlC) this.#state = 'left';
    else if (this.#sequence !== undefined) this.#inSequence(this.#sequence, byte);
    else if (byte === escape) this.#sequence = '';
    else if (isPrintable(byte)) this.#keep(byte);
    else if (!this.#isBracketed) this.#obey(byte);
  }

  /** `ESC [ ... final`, or `ESC O final`, or ESC and one other byte. */
  #inSequence(before: string, byte: number): void {
    const sequence = before + String.fromCharCode(byte);
    const isOpen = sequence === '[' || sequence === 'O' || (before.startsWith('[') && !isFinal(byte));
    this.#sequence = isOpen ? sequence.slice(0, 16) : undefined;
    if (sequence === '[200~') this.#isBracketed = true;
    if (sequence === '[201~') this.#isBracketed = false;
  }

  /** Rules 1 and 2: what comes behind a line end belongs to the text. */
  #keep(byte: number): void {
    this.#state = 'more';
    if (this.text.length < pasteLimit) this.text += String.fromCharCode(byte);
  }

  #obey(byte: number): void {
    if (lineEnds.includes(byte)) this.#state = 'ended';
    if (byte === ctrlD && this.text === '') this.#state = 'left';
    if (byte === ctrlU) this.text = '';
    if (byte === backspace || byte === del) this.text = this.text.slice(0, -1);
  }
}
