// Finds lines of the journal by text that stands in them, at the speed of the disk: only lines that have the text are parsed. A journal of
// a million records is some 600 MB; to parse all of it takes seconds, to search it a few tenths.
import { LogBytes } from '../adapters/journal/segments.ts';
import { lineBeginning } from '../adapters/journal/totals.ts';

/** A whole line of the journal, as Latin-1. */
export interface Found {
  /** Where it begins, in bytes. */
  readonly at: number;
  readonly text: string;
}

/** Which bytes of the journal are searched; both begin a line. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const pieceBytes = 1024 * 1024;
const newline = 10;

/** Reads the journal from a byte on, in pieces of whole lines. @param take gets a piece and where it begins */
function eachPiece(path: string, { from, to }: Span, take: (lines: Buffer, at: number) => void): void {
  using log = LogBytes.open(path, from);
  let buffer = Buffer.alloc(pieceBytes);
  let [at, rest] = [from, 0];
  while (at + rest < to) {
    if (rest === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
    const room = Math.min(buffer.length - rest, to - at - rest);
    const { count, next } = log.readSync(buffer, { offset: rest, length: room }, at + rest);
    if (count === 0 || next - count >= to) return;
    at = next - count - rest;
    const end = buffer.lastIndexOf(newline, rest + count - 1) + 1;
    if (end > 0) take(buffer.subarray(0, end), at);
    buffer.copyWithin(0, end, rest + count);
    [at, rest] = [at + end, rest + count - end];
  }
}

/** A line in the piece that was read, valid until the next is asked for. */
export interface LineAt extends Span {
  /** Its first bytes, as Latin-1: enough to see its event. */
  readonly begin: string;
  /** The whole line, as Latin-1. */
  text(): string;
}

/** Goes through all lines. `from` and `to` of a line are its bytes in the file, without its newline. @throws Error of the system */
export function eachLine(path: string, span: Span, take: (line: LineAt) => void): void {
  eachPiece(path, span, (lines, at) => {
    for (let start = 0; start < lines.length;) {
      const [first, end] = [start, lines.indexOf(newline, start)];
      const begin = lines.toString('latin1', first, Math.min(end, first + lineBeginning));
      take({ from: at + first, to: at + end, begin, text: () => lines.toString('latin1', first, end) });
      start = end + 1;
    }
  });
}

const valueOf = /:"([A-Z0-9]{4,20})"/g;

/** The lines that have one of these ids as the value of a field, in their order; as fast for many ids as for one. @throws Error of the system */
export function linesOfIds(path: string, span: Span, ids: ReadonlySet<string>): readonly Found[] {
  const found: Found[] = [];
  eachLine(path, span, (line) => {
    const text = line.text();
    for (const [, value = ''] of text.matchAll(valueOf))
      if (ids.has(value)) {
        found.push({ at: line.from, text });
        break;
      }
  });
  return found;
}

/** The lines that hold one of the texts, each once, in their order. @throws Error of the system */
export function findLines(path: string, span: Span, texts: readonly string[]): readonly Found[] {
  const found = new Map<number, string>();
  const needles = texts.map((text) => Buffer.from(text, 'latin1'));
  eachPiece(path, span, (lines, at) => {
    for (const needle of needles)
      for (let hit = lines.indexOf(needle); hit >= 0;) {
        const start = lines.lastIndexOf(newline, hit) + 1;
        const end = lines.indexOf(newline, hit);
        found.set(at + start, lines.toString('latin1', start, end));
        hit = lines.indexOf(needle, end);
      }
  });
  return [...found].map(([at, text]) => ({ at, text })).sort((a, b) => a.at - b.at);
}

/** The last line before a byte that holds the text and is wanted; undefined when there is none. @throws Error of the system */
export function lastLineBefore(
  path: string,
  before: number,
  text: string,
  isWanted: (text: string) => boolean,
): Found | undefined {
  for (let to = before; to > 0;) {
    const from = lineStart(path, Math.max(0, to - 16 * pieceBytes), to);
    const hit = findLines(path, { from, to }, [text]).findLast((line) => isWanted(line.text));
    if (hit !== undefined) return hit;
    to = from;
  }
  return undefined;
}

/** Where a line begins at or behind a byte, before `to`; the beginning of the journal where none does. */
function lineStart(path: string, near: number, to: number): number {
  using log = LogBytes.open(path, near);
  if (near <= log.start) return 0;
  const piece = Buffer.alloc(Math.min(pieceBytes, to - near));
  const { count } = log.readSync(piece, { offset: 0, length: piece.length }, near);
  const end = piece.subarray(0, count).indexOf(newline);
  return end < 0 || near + end + 1 >= to ? 0 : near + end + 1;
}
