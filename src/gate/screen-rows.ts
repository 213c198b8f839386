// Follows the screen that the person sees, as far as the recorder of typed input asks (./typed-input.ts): the text before the cursor, which
// may be a prompt for a secret, and the characters that were printed, among which a line that was echoed is found.
//
// It takes what the output filter has passed, so that every sequence and every character is whole (./output-filter.ts, rule 2). It knows the
// sequences that tmux writes to a client (tty.c of tmux; xterm ctlseqs); what it does not know changes nothing.
import { columnsOf } from '../wire/width.ts';

/** The screen of one connection. */
export interface ScreenRows {
  /** Takes output that the filter has passed. */
  feed(text: string): void;
  resize(cols: number, rows: number): void;
  /** The end of the text before the cursor, in its row and in a full row above it. */
  beforeCursor(): string;
  /** How many characters were printed so far. */
  printed(): number;
  /** The characters that were printed from this number on, as far as they are kept. */
  printedSince(number: number): string;
}

/** Of more output at once only the end is looked at; the next address of the cursor puts right what this misses. */
const mostAtOnce = 4096;
const rowLimit = 200;
const printedKept = 8192;

interface Screen {
  cols: number;
  rows: number;
  row: number;
  col: number;
  saved: readonly [row: number, col: number];
  /** The scroll region, from 0, both included. */
  region: readonly [top: number, bottom: number];
  cells: string[][];
  printed: string;
  /** How many characters before `printed` were forgotten. */
  forgotten: number;
}

/** An empty screen. */
export function openScreenRows(cols: number, rows: number): ScreenRows {
  const screen: Screen = {
    ...{ cols, rows, row: 0, col: 0, saved: [0, 0], region: [0, rows - 1], cells: [] },
    ...{ printed: '', forgotten: 0 },
  };
  return {
    feed: (text) => {
      for (const token of lastOf(text).matchAll(tokens)) take(screen, token);
      forget(screen);
    },
    resize: (columns, lines) => {
      Object.assign(screen, { cols: columns, rows: lines, region: [0, lines - 1] });
      screen.cells.length = Math.min(screen.cells.length, lines);
      goTo(screen, screen.row, screen.col);
    },
    beforeCursor: () => {
      const above = rowAt(screen, screen.row - 1);
      const before = textOf(rowAt(screen, screen.row), screen.col);
      return `${above.length >= screen.cols ? textOf(above, screen.cols) : ''}${before}`.slice(-rowLimit);
    },
    printed: () => screen.forgotten + screen.printed.length,
    printedSince: (number) => screen.printed.slice(Math.max(0, number - screen.forgotten)),
  };
}

function lastOf(text: string): string {
  if (text.length <= mostAtOnce) return text;
  const end = text.slice(-mostAtOnce);
  return end.slice(Math.max(0, end.indexOf('\u001b')));
}

function forget(screen: Screen): void {
  const more = screen.printed.length - printedKept;
  if (more < printedKept) return; // not for each character
  screen.printed = screen.printed.slice(more);
  screen.forgotten += more;
}

/** A CSI with plain numbers (1: numbers, 2: final), any other CSI, an OSC, another escape (3), text (4), a control (5). */
const tokens =
  /\u001b\[([\d;]*)([@-~])|\u001b\[[^@-~]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*([0-~])|([^\u0000-\u001f\u007f]+)|([^])/g;

function take(screen: Screen, [, numbers, final, escape, text, control]: readonly (string | undefined)[]): void {
  if (text !== undefined) print(screen, text);
  else if (final !== undefined) sequences[final]?.(screen, numbersOf(numbers));
  else controls[escape ?? control ?? '']?.(screen);
}

/** The numbers of a sequence, at least one; 0 where none is written. */
function numbersOf(text: string | undefined): readonly number[] {
  return String(text).split(';').map(Number);
}

function print(screen: Screen, text: string): void {
  screen.printed += text;
  for (const character of text) {
    const width = columnsOf(character);
    if (screen.col + width > screen.cols) {
      screen.col = 0;
      feedLine(screen);
    }
    const row = rowAt(screen, screen.row);
    while (row.length < screen.col) row.push(' ');
    row.splice(screen.col, width, ...[character, ''].slice(0, width));
    screen.col += width;
  }
}

/** The cells of a row; a wide character has one more, which is empty. */
function rowAt({ cells }: Screen, row: number): string[] {
  if (row < 0) return [];
  while (cells.length <= row) cells.push([]);
  return cells[row] as string[];
}

function textOf(row: readonly string[], to: number): string {
  return Array.from({ length: to }, (_, at) => row[at] ?? ' ').join('');
}

function goTo(screen: Screen, row: number, col: number): void {
  screen.row = Math.max(0, Math.min(row, screen.rows - 1));
  screen.col = Math.max(0, Math.min(col, screen.cols - 1));
}

/** Moves the rows from `top` to the end of the region, up (by a positive number) or down. */
function scroll(screen: Screen, top: number, by: number): void {
  const bottom = Math.max(top, screen.region[1]);
  rowAt(screen, bottom);
  const rows = screen.cells.slice(top, bottom + 1);
  const size = rows.length;
  const empty = Array.from({ length: Math.min(Math.abs(by), size) }, (): string[] => []);
  const moved = by > 0 ? [...rows, ...empty].slice(-size) : [...empty, ...rows].slice(0, size);
  screen.cells.splice(top, size, ...moved);
}

function feedLine(screen: Screen): void {
  if (screen.row === screen.region[1]) scroll(screen, screen.region[0], 1);
  else goTo(screen, screen.row + 1, screen.col);
}

function feedBack(screen: Screen): void {
  if (screen.row === screen.region[0]) scroll(screen, screen.region[0], -1);
  else goTo(screen, screen.row - 1, screen.col);
}

/** ED and EL: 0 erases from the cursor on, 1 up to it, 2 all. */
function eraseLine(screen: Screen, how: number): void {
  const row = rowAt(screen, screen.row);
  if (how === 1) row.fill(' ', 0, screen.col + 1);
  else row.length = how === 0 ? Math.min(row.length, screen.col) : 0;
}

function eraseScreen(screen: Screen, how: number): void {
  eraseLine(screen, how);
  if (how === 1) for (let row = 0; row < screen.row; row++) screen.cells[row] = [];
  else screen.cells.length = how === 0 ? screen.row + 1 : 0;
}

type Act = (screen: Screen, numbers: readonly number[]) => void;

/** The number of a sequence, where none and 0 mean 1. */
const one = (numbers: readonly number[], at = 0): number => Math.max(1, numbers[at] ?? 1);
const zero = (numbers: readonly number[]): number => Number(numbers[0]);
const move =
  (down: number, right: number): Act =>
  (screen, numbers) =>
    goTo(screen, screen.row + down * one(numbers), screen.col + right * one(numbers));

const sequences: Readonly<Partial<Record<string, Act>>> = {
  A: move(-1, 0),
  B: move(1, 0),
  C: move(0, 1),
  D: move(0, -1),
  G: (screen, numbers) => goTo(screen, screen.row, one(numbers) - 1),
  d: (screen, numbers) => goTo(screen, one(numbers) - 1, screen.col),
  H: (screen, numbers) => goTo(screen, one(numbers) - 1, one(numbers, 1) - 1),
  J: (screen, numbers) => eraseScreen(screen, zero(numbers)),
  K: (screen, numbers) => eraseLine(screen, zero(numbers)),
  P: (screen, numbers) => void rowAt(screen, screen.row).splice(screen.col, one(numbers)),
  '@': (screen, numbers) =>
    void rowAt(screen, screen.row).splice(screen.col, 0, ...Array.from({ length: one(numbers) }, () => ' ')),
  X: (screen, numbers) => void rowAt(screen, screen.row).fill(' ', screen.col, screen.col + one(numbers)),
  L: (screen, numbers) => scroll(screen, screen.row, -one(numbers)),
  M: (screen, numbers) => scroll(screen, screen.row, one(numbers)),
  S: (screen, numbers) => scroll(screen, screen.region[0], one(numbers)),
  T: (screen, numbers) => scroll(screen, screen.region[0], -one(numbers)),
  r: (screen, numbers) => {
    screen.region = [one(numbers) - 1, Math.min(numbers[1] ?? screen.rows, screen.rows) - 1];
    goTo(screen, 0, 0);
  },
};

const controls: Readonly<Partial<Record<string, (screen: Screen) => void>>> = {
  '\r': (screen) => (screen.col = 0),
  '\n': feedLine,
  '\b': (screen) => goTo(screen, screen.row, screen.col - 1),
  M: feedBack,
  '7': (screen) => (screen.saved = [screen.row, screen.col]),
  '8': (screen) => goTo(screen, ...screen.saved),
};
