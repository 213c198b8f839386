// The cells of a row inside xterm.js, read without making a string of each (screen.ts says why).

/** The widest screen (screen.ts, rule 2). */
export const mostColumns = 1000;

/** One row of the buffer inside xterm.js. */
export interface Cells {
  /** Three words a cell; the first holds character and width. */
  readonly _data: Uint32Array;
  /** Whether the row continues the one above. It stays set when another text is written over the row. */
  readonly isWrapped: boolean;
  translateToString(trimRight: boolean): string;
  getTrimmedLength(): number;
}

const wordsOfCell = 3;

/** Whether a row has the same characters as before; colours do not count. */
export function isSame(words: Uint32Array, data: Uint32Array): boolean {
  if (words.length * wordsOfCell !== data.length) return false;
  for (let cell = 0, at = 0; cell < words.length; cell++, at += wordsOfCell) if (words[cell] !== data[at]) return false;
  return true;
}

/** The first word of each cell. @param room an array to use again */
export function wordsOf(data: Uint32Array, room: Uint32Array | undefined): Uint32Array {
  const count = data.length / wordsOfCell;
  const words = room?.length === count ? room : new Uint32Array(count);
  for (let cell = 0; cell < count; cell++) words[cell] = data[cell * wordsOfCell] ?? 0;
  return words;
}

/** Of the first word of a cell: its character, whether it has more than one, and its width (Constants.ts of xterm.js). */
const [characterBits, combinedBit, widthShift] = [0x1fffff, 0x200000, 22];
const space = 0x20;
const latin1 = Buffer.alloc(mostColumns);

/** Whether the first character of a row takes two columns. */
export function beginsWide({ _data: data }: Cells): boolean {
  return (data[0] ?? 0) >>> widthShift === 2;
}

/** `translateToString(true)` for rows of ASCII: that one adds up a string character by character, which takes as long as drawing. */
export function textOf(cells: Cells): string {
  const { _data: data } = cells;
  let end = 0;
  for (let cell = 0, at = 0; at < data.length; cell++, at += wordsOfCell) {
    const word = data[at] ?? 0;
    const character = word & characterBits;
    if (character > 0x7f || (word & combinedBit) !== 0 || word >>> widthShift > 1) return cells.translateToString(true);
    latin1[cell] = character === 0 ? space : character;
    if (character !== 0) end = cell + 1;
  }
  return latin1.toString('latin1', 0, end);
}
