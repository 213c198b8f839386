// The pixels of a PNG as Chromium takes a picture: 8 bits a sample, RGB or RGBA, not interlaced (www.w3.org/TR/png-3, sections 7 and 9).
import { inflateSync } from 'node:zlib';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue, 0 to 255. */
  at(x: number, y: number): readonly [number, number, number];
}

/** @throws Error on another kind of picture */
export function pixelsOf(png: Buffer): Pixels {
  const { header, data } = partsOf(png);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colours, , , interlaced] = header.subarray(8);
  if (depth !== 8 || interlaced !== 0 || (colours !== 2 && colours !== 6)) throw new Error('another kind of PNG');
  const size = colours === 2 ? 3 : 4;
  const raw = unfiltered(inflateSync(data), width * size, size);
  return {
    ...{ width, height },
    at: (x, y) => {
      const from = (y * width + x) * size;
      return [raw[from] ?? 0, raw[from + 1] ?? 0, raw[from + 2] ?? 0];
    },
  };
}

function partsOf(png: Buffer): { readonly header: Buffer; readonly data: Buffer } {
  let header: Buffer = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const kind = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (kind === 'IHDR') header = body;
    if (kind === 'IDAT') data.push(body);
  }
  return { header, data: Buffer.concat(data) };
}

/** Each row begins with its filter; a byte is stored as the difference from its neighbours: left, above, and above left. */
function unfiltered(rows: Buffer, length: number, size: number): Buffer {
  const out = Buffer.alloc((rows.length / (length + 1)) * length);
  const before = (to: number, is: boolean): number => (is ? (out[to] ?? 0) : 0);
  for (let to = 0, y = 0; to < out.length; y += 1) {
    const filter = guesses[rows[y * (length + 1)] ?? 0] ?? guesses[0];
    for (let x = 0; x < length; x += 1, to += 1) {
      const [inside, below] = [x >= size, y > 0];
      const left = before(to - size, inside);
      const guess = filter(left, before(to - length, below), before(to - length - size, inside && below));
      out[to] = (rows[to + y + 1] ?? 0) + guess;
    }
  }
  return out;
}

type Guess = (left: number, above: number, corner: number) => number;

const guesses: readonly [Guess, ...Guess[]] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => {
    const [a, b, c] = [above - corner, left - corner, left + above - 2 * corner].map(Math.abs) as [
      number,
      number,
      number,
    ];
    if (a <= b && a <= c) return left;
    return b <= c ? above : corner;
  },
];
