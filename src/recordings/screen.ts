// The screen of a recording: what its output left on a terminal of that size (xterm.js without a page).
//
// 1. A sequence that repeats an act is bounded by the size of the screen. Attack: `CSI 2147483647 S` scrolls for hours, and
//    `CSI 2147483647 b` asks for 8 GB of memory, when somebody replays, searches or indexes what a session printed.
// 2. The size is bounded as well: it is what the person's ssh client said.
// 3. It logs nothing, and nothing of it runs later. Attack: what xterm.js says of a sequence that it cannot read, or of its own work after a
//    resize on a busy host, lands on the terminal of whoever looks.
//
// xterm.js tells nobody which rows scroll off, since its alternate screen, where a tmux client draws everything, keeps none of them. It
// also makes a new string of each row that is asked for. So its insides are read here, and nowhere else; the version is exact in
// package.json, and tests/unit/recordings/screen.test.ts fails with one that names them differently.
import xterm from '@xterm/headless';
import { beginsWide, mostColumns, textOf, watchWriting, type WatchedCells } from './cells.ts';

const most = { cols: mostColumns, rows: 500 } as const;

/** A text on the screen: a row, joined with those into which it wrapped. */
export interface ScreenLine {
  /** The row of its first cell, from 0. */
  readonly row: number;
  readonly text: string;
}

type Repeated =
  | 'scrollUp'
  | 'scrollDown'
  | 'insertLines'
  | 'deleteLines'
  | 'cursorForwardTab'
  | 'cursorBackwardTab'
  | 'repeatPrecedingCharacter';

/** What a set of characters draws in the place of a letter; undefined as a whole: ASCII. */
type Charset = Readonly<Record<string, string>>;

/** One of the two screens. What it still has to do after a resize waits for a timer, and is told of when it takes long. */
interface Buffered {
  readonly _memoryCleanupQueue: { flush(): void };
  /** How many rows are above the screen. */
  ybase: number;
  ydisp: number;
}

/** What is used of the insides of xterm.js. */
interface Core {
  readonly buffer: {
    readonly ybase: number;
    readonly y: number;
    readonly scrollTop: number;
    readonly scrollBottom: number;
    readonly x: number;
    readonly lines: { get(index: number): WatchedCells | undefined };
  };
  readonly buffers: { readonly active: unknown; readonly normal: Buffered; readonly alt: Buffered };
  readonly coreService: { readonly isCursorHidden: boolean };
  readonly _charsetService: { readonly glevel: number; readonly _charsets: readonly (Charset | undefined)[] };
  readonly _bufferService: { scroll(...words: unknown[]): void };
  readonly _inputHandler: Readonly<Record<Repeated, (params: { readonly params: readonly number[] }) => boolean>> & {
    parse(data: string): unknown;
  };
}

/** The final bytes of the sequences that repeat an act (ECMA-48 section 8.3). */
const repeated: Readonly<Record<string, Repeated>> = {
  S: 'scrollUp',
  T: 'scrollDown',
  L: 'insertLines',
  M: 'deleteLines',
  I: 'cursorForwardTab',
  Z: 'cursorBackwardTab',
  b: 'repeatPrecedingCharacter',
};

/** Modes that change between the main and the alternate screen. */
const otherScreen = new Set([47, 1047, 1049]);

export interface ScreenSize {
  readonly cols: number;
  readonly rows: number;
}

export function boundedSize({ cols, rows }: ScreenSize): ScreenSize {
  const within = (value: number, least: number, limit: number): number =>
    Number.isFinite(value) ? Math.min(limit, Math.max(least, Math.floor(value))) : least;
  return { cols: within(cols, 2, most.cols), rows: within(rows, 1, most.rows) };
}

const nothingAbove = { text: '', told: '' };

/** A terminal that keeps no history. */
export class Screen {
  readonly terminal: xterm.Terminal;
  readonly #core: Core;
  #onLeave: ((lines: readonly ScreenLine[]) => void) | undefined;
  /** The row that scrolled off last, and what has been told of the rows into which it wrapped. */
  #above = nothingAbove;

  constructor(size: ScreenSize) {
    this.terminal = new xterm.Terminal({
      ...boundedSize(size),
      scrollback: 0,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.#core = (this.terminal as unknown as { _core: Core })._core;
    const first = this.#row(0);
    if (first !== undefined) watchWriting(first);
    this.#boundRepeats();
    this.#watchScrolling();
    this.#watchErasing();
  }

  /** Calls `take` with the lines that are about to leave the screen at once: that scroll off, are erased, or hidden by another screen. */
  onLeave(take: (lines: readonly ScreenLine[]) => void): void {
    this.#onLeave = take;
  }

  /** Whether the alternate screen is shown. A tmux client always uses it. */
  get screen(): 'main' | 'alternate' {
    const { normal, active } = this.#core.buffers;
    return active === normal ? 'main' : 'alternate';
  }

  /** Draws output, at once. `terminal.write` would draw it after a timer, which is a millisecond for each event. */
  write(data: string): void {
    this.#core._inputHandler.parse(data);
  }

  resize(size: ScreenSize): void {
    const { cols, rows } = boundedSize(size);
    this.terminal.resize(cols, rows);
    const { normal, alt } = this.#core.buffers;
    for (const buffer of [normal, alt]) {
      buffer._memoryCleanupQueue.flush(); // rule 3
      // Where a narrower screen wraps its rows, xterm.js counts one above it although it keeps none, and fails at the last row.
      [buffer.ybase, buffer.ydisp] = [0, 0];
    }
  }

  /** The texts on the screen from top to bottom, without blank ones. */
  lines(): readonly ScreenLine[] {
    return this.#linesOf(0, this.terminal.rows);
  }

  get isCursorHidden(): boolean {
    return this.#core.coreService.isCursorHidden;
  }

  /** What a program has to send so that what it sends next does what it does now: scroll region, line drawing, cursor. */
  get state(): string {
    const { scrollTop, scrollBottom, x, y } = this.#core.buffer;
    const { glevel, _charsets: sets } = this.#core._charsetService;
    const drawing = ['(', ')'].map((place, at) => (sets[at]?.['q'] === '\u2500' ? `\u001b${place}0` : '')).join('');
    const region = `\u001b[${scrollTop + 1};${scrollBottom + 1}r\u001b[${y + 1};${x + 1}H`;
    return `${region}${drawing}${glevel === 1 ? '\u000e' : ''}${this.isCursorHidden ? '\u001b[?25l' : ''}`;
  }

  dispose(): void {
    this.terminal.dispose();
  }

  /** Rule 1. */
  #boundRepeats(): void {
    for (const [final, act] of Object.entries(repeated))
      this.terminal.parser.registerCsiHandler({ final }, ([count]) => {
        const { cols, rows } = this.terminal;
        const limit = act === 'repeatPrecedingCharacter' ? cols * rows : Math.max(cols, rows);
        const times = typeof count === 'number' && count > 0 ? count : 1;
        this.#leaveBy(act, times);
        return times > limit && this.#core._inputHandler[act]({ params: [limit] });
      });
  }

  #leaveBy(act: Repeated, times: number): void {
    const { scrollTop: top, scrollBottom: bottom, y } = this.#core.buffer;
    if (act === 'scrollUp') this.#leave(top, Math.min(top + times, bottom + 1));
    else if (act === 'scrollDown') this.#leave(Math.max(top, bottom + 1 - times), bottom + 1);
    else if (y < top || y > bottom) return;
    else if (act === 'insertLines') this.#leave(Math.max(y, bottom + 1 - times), bottom + 1);
    else if (act === 'deleteLines') this.#leave(y, Math.min(y + times, bottom + 1));
  }

  /** Line feeds, and text that wraps, at the end of the scroll region. */
  #watchScrolling(): void {
    const service = this.#core._bufferService;
    const scroll = service.scroll.bind(service);
    service.scroll = (...words) => {
      const { scrollTop } = this.#core.buffer;
      this.#leave(scrollTop, scrollTop + 1);
      scroll(...words);
    };
    this.terminal.parser.registerEscHandler({ final: 'M' }, () => {
      const { scrollTop, scrollBottom, y } = this.#core.buffer;
      if (y === scrollTop) this.#leave(scrollBottom, scrollBottom + 1);
      return false;
    });
  }

  #watchErasing(): void {
    const { parser } = this.terminal;
    const all = (): void => this.#leave(0, this.terminal.rows);
    const erase = ([what]: (number | number[])[]): boolean => {
      const { y } = this.#core.buffer;
      this.#leave(what === 1 || what === 2 ? 0 : y, what === 1 ? y + 1 : what === 3 ? y : this.terminal.rows);
      return false;
    };
    parser.registerCsiHandler({ final: 'J' }, erase);
    parser.registerCsiHandler({ prefix: '?', final: 'J' }, erase);
    for (const final of ['h', 'l'])
      parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
        if (modes.some((mode) => typeof mode === 'number' && otherScreen.has(mode))) all();
        return false;
      });
    parser.registerEscHandler({ final: 'c' }, () => {
      all();
      return false;
    });
  }

  /** Tells of the rows from `from` up to `to`. */
  #leave(from: number, to: number): void {
    if (this.#onLeave === undefined || from >= to) return;
    const lines = this.#linesOf(from, to);
    if (from === 0) this.#above = this.#row(to)?.isWrapped === true ? this.#scrolledOff(to) : nothingAbove;
    if (lines.length > 0) this.#onLeave(lines);
  }

  /** The rows up to `to` leave at the top, and other rows of the last line stay. */
  #scrolledOff(to: number): typeof nothingAbove {
    let head = to - 1;
    while (head > 0 && this.#continues(head)) head--;
    const left = this.#textOf(head, to);
    const isRest = head === 0 && this.#row(0)?.isWrapped === true;
    const whole = isRest ? this.#above.told : this.#textOf(head, this.#endOf(to - 1));
    return { text: this.#rowText(to - 1), told: whole.startsWith(left) ? whole.slice(left.length) : '' };
  }

  /** The row behind the line that has cells in `row`. */
  #endOf(row: number): number {
    let next = row + 1;
    while (next < this.terminal.rows && this.#continues(next)) next++;
    return next;
  }

  /** The lines that have cells in the rows from `from` up to `to`; rows that continue them are part of them. */
  #linesOf(from: number, to: number): readonly ScreenLine[] {
    const lines: ScreenLine[] = [];
    let row = from;
    while (row > 0 && this.#continues(row)) row--;
    while (row < to) {
      const next = this.#endOf(row);
      const text = this.#lineText(row, next);
      if (text !== '') lines.push({ row, text });
      row = next;
    }
    return lines;
  }

  #lineText(row: number, next: number): string {
    const text = this.#textOf(row, next).trimEnd();
    if (row > 0 || this.#row(0)?.isWrapped !== true) return text;
    // The line began above the screen. Its rest has been told already, or stands for itself with the row before it.
    const { told } = this.#above;
    return told.trimEnd().startsWith(text) ? '' : (this.#above.text + text).trimEnd();
  }

  #textOf(row: number, next: number): string {
    let text = this.#rowText(row);
    for (let at = row + 1; at < next; at++) text += this.#rowText(at);
    return text;
  }

  /**
   * Whether a row continues the one above. Where that one is not full, another text was written over it. Where a wide character did not fit
   * into its last column, tmux draws the next row on its own.
   */
  #continues(row: number): boolean {
    const [above, own] = [this.#row(row - 1), this.#row(row)];
    if (above === undefined || own === undefined) return false;
    const { cols } = this.terminal;
    if (own.isWrapped) return above.getTrimmedLength() >= cols - 1;
    return beginsWide(own) && above.getTrimmedLength() === cols - 1;
  }

  #row(row: number): WatchedCells | undefined {
    const { lines, ybase } = this.#core.buffer;
    return lines.get(ybase + row);
  }

  /** The text of a row without the cells behind it that nothing was written to. It is made again only when the row was written to. */
  #rowText(row: number): string {
    const cells = this.#row(row);
    return cells === undefined ? '' : (cells.knownText ??= textOf(cells));
  }
}
