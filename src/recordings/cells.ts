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

/** A row, and its text since it was asked for last; undefined once something was written to the row. */
export type WatchedCells = Cells & { knownText: string | undefined };

/** Every method by which xterm.js writes cells of a row, or of how many there are. */
const writers = [
  ...(['set', 'setCell', 'setCellFromCodepoint', 'addCodepointToCell'] as const),
  ...(['resize', 'fill', 'copyFrom', 'copyCellsFrom'] as const),
];

type Write = (this: WatchedCells, ...words: readonly unknown[]) => unknown;

const watched = new WeakSet();

/** Has each row forget its text when it is written to. @param row any row, of which all others get their methods */
export function watchWriting(row: Cells): void {
  const methods = Object.getPrototypeOf(row) as Record<(typeof writers)[number], Write>;
  if (watched.has(methods)) return;
  watched.add(methods);
  for (const name of writers) methods[name] = forgetting(methods[name]);
}

/** A list of whatever comes would take as long again as to write the cell. */
function forgetting(write: Write): Write {
  // None of xterm.js's takes more than these five.
  // eslint-disable-next-line @typescript-eslint/max-params
  return function forget(a, b, c, d, e) {
    this.knownText = undefined;
    return write.call(this, a, b, c, d, e);
  };
}

/** Of the first word of a cell: its character, whether it has more than one, and its width (Constants.ts of xterm.js). */
const [characterBits, combinedBit, widthShift] = [0x1fffff, 0x200000, 22];
const wordsOfCell = 3;
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
