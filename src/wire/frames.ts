// Framing on the socket between gate and keeper: one JSON value a line, of limited length. Attack: a peer that sends without a line end
// makes the other side's memory grow; it is disconnected.

/** The longest command, in bytes. Three times what an approval of sixteen ids with a long reason takes. */
export const commandLimit = 4096;

/** The longest line, in characters, that the keeper reads, and that the gate reads (a listing may be long). */
export const keeperReads = 64 * 1024;
export const gateReads = 1024 * 1024;

/** The longest part of a picture of a live connection, in characters: as JSON, six times that at most. */
export const pictureLimit = 64 * 1024;

/** A line was longer than its reader accepts. */
export class TooLong extends Error {
  override readonly name = 'TooLong';
}

/**
 * Splits a stream of text into lines.
 * @returns a function that takes the next piece and returns the lines that it completes, without their ends. The function throws TooLong
 * when a line, complete or not, exceeds `max` characters.
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
