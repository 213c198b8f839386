// Lines over a socket: one JSON value a line, bounded. A peer that sends more than the bound without a line end is cut off;
// nothing buffers without limit.

/** Characters of one line that the keeper reads, and that the gate reads (a listing may be long). */
export const keeperReads = 64 * 1024;
export const gateReads = 1024 * 1024;

export class TooLong extends Error {
  override readonly name = 'TooLong';
}

/**
 * Cuts a stream of text into lines.
 * @returns a function that takes the next piece and gives the lines it completed.
 * @throws TooLong from that function once a line exceeds `max` characters.
 */
export function lineCutter(max: number): (piece: string) => readonly string[] {
  let rest = '';
  return (piece) => {
    const text = rest + piece;
    const end = text.lastIndexOf('\n');
    const lines = end < 0 ? [] : text.slice(0, end).split('\n');
    rest = text.slice(end + 1);
    if (rest.length > max || lines.some((line) => line.length > max)) throw new TooLong();
    return lines;
  };
}
