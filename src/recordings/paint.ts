// Shows the screen of a recording on somebody's terminal.
//
// 1. Nothing that was recorded is printed as it is. The recording is drawn on a terminal of our own (screen.ts), and what is printed are
//    the characters of its cells, with colours and places that are written here. So no sequence of a recording reaches the terminal,
//    however it is spelt, split or nested. Attack: what a session prints is written for whoever will look: OSC 52 fills the auditor's
//    clipboard, a title or a link deceives, a request (DECRQSS, DA, title reports) makes the terminal type an answer, and what a later
//    version of a terminal understands does what nobody knows today. The gate's output filter (gate/output-filter.ts) passes what a
//    person needs who works in a session, such as titles and the mouse; whoever looks needs none of it.
// 2. A character that is not seen (controls, bidi controls, zero width, private use) is not printed. Attack: U+202E turns a line around,
//    so that the auditor reads another command.
// 3. Every row begins where it stands, and so does what follows a character that terminals do not agree on how wide it is. Attack: a wide
//    character shifts the rest of a row over what stands there.
// 4. Concealed text is shown. Attack: `ESC [ 8 m` hides a command from whoever looks.
import { cutTo, widthOf } from '../wire/width.ts';
import type { Screen, ScreenSize } from './screen.ts';

const csi = '\u001b[';
const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;
const tooManyMarks = /(\p{M}{6})\p{M}+/gu;

type Line = NonNullable<ReturnType<Screen['terminal']['buffer']['active']['getLine']>>;
type Cell = NonNullable<ReturnType<Line['getCell']>>;

/** The part of the screen that the terminal has room for. */
interface View {
  readonly left: number;
  readonly top: number;
  readonly cols: number;
  readonly rows: number;
}

/** Paints screens, one after another: of each what differs from the one before. */
export class Painter {
  readonly #colour: boolean;
  #size: ScreenSize;
  #rows: string[] = [];
  #status = '';

  constructor(size: ScreenSize, colour: boolean) {
    this.#size = size;
    this.#colour = colour;
  }

  /** The terminal has another size now: the next screen is painted as a whole. */
  resize(size: ScreenSize): void {
    this.#size = size;
    this.again();
  }

  /** The next screen is painted as a whole. */
  again(): void {
    this.#rows = [];
    this.#status = '';
  }

  /** Whether a part of the screen is not shown. */
  isCut({ terminal: { cols, rows } }: Screen): boolean {
    return cols > this.#size.cols || rows > this.#size.rows - 1;
  }

  /** What to print so that the terminal shows this screen, and the status in its last row. */
  paint(screen: Screen, status: string): string {
    const view = this.#viewOf(screen);
    const clear = this.#rows.length === 0 ? `${csi}0m${csi}2J` : '';
    let out = '';
    for (let row = 0; row < this.#size.rows - 1; row++) {
      const text = row < view.rows ? this.#rowOf(screen, view, row) : '';
      if (clear !== '' || this.#rows[row] !== text) out += `${csi}${row + 1};1H${csi}0m${csi}K${text}`;
      this.#rows[row] = text;
    }
    const line = cutTo(status, this.#size.cols);
    if (clear !== '' || line !== this.#status) out += this.#statusLine(line);
    this.#status = line;
    return `${csi}?25l${clear}${out}${this.#cursor(screen, view)}`;
  }

  #statusLine(line: string): string {
    const blanks = ' '.repeat(Math.max(0, this.#size.cols - widthOf(line)));
    return `${csi}${this.#size.rows};1H${csi}0;7m${line}${blanks}${csi}0m`;
  }

  /** The part with the cursor; it moves by half a screen, so that it stands still while somebody types. */
  #viewOf({ terminal: { cols, rows, buffer } }: Screen): View {
    const room = { cols: this.#size.cols, rows: Math.max(1, this.#size.rows - 1) };
    const { cursorX, cursorY } = buffer.active;
    const from = (cursor: number, of: number, shown: number): number => {
      const half = Math.max(1, Math.floor(shown / 2));
      return cursor < shown ? 0 : Math.min(of - shown, (Math.floor((cursor - shown) / half) + 1) * half);
    };
    return {
      left: from(cursorX, cols, room.cols),
      top: from(cursorY, rows, room.rows),
      cols: Math.min(cols, room.cols),
      rows: Math.min(rows, room.rows),
    };
  }

  /** Rules 2 and 3. */
  #rowOf({ terminal: { buffer } }: Screen, { left, top, cols }: View, row: number): string {
    const line = buffer.active.getLine(buffer.active.baseY + top + row);
    if (line === undefined) return '';
    let [text, style, isSure] = ['', '', true];
    let end = left + cols;
    while (end > left && isBlank(line.getCell(end - 1))) end--;
    for (let col = left; col < end; col++) {
      const cell = line.getCell(col);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const shown = shownOf(cell, end - col);
      const next = this.#styleOf(cell, shown.trim() === '');
      if (!isSure) text += `${csi}${col - left + 1}G`;
      if (next !== style) text += `${csi}${next}m`;
      text += shown;
      style = next;
      isSure = shown.length === 1 && shown <= '~';
    }
    return text;
  }

  /** Parameters of SGR (ECMA-48 8.3.117); rule 4. @param isBlank whether only what is seen of a blank counts */
  #styleOf(cell: Cell, isBlank: boolean): string {
    const isSeen = !isBlank || cell.isInverse() !== 0;
    const marks = [
      isSeen && cell.isBold() !== 0 && '1',
      isSeen && cell.isDim() !== 0 && '2',
      isSeen && cell.isItalic() !== 0 && '3',
      cell.isUnderline() !== 0 && '4',
      cell.isInverse() !== 0 && '7',
      cell.isStrikethrough() !== 0 && '9',
    ].filter((mark) => mark !== false);
    if (!this.#colour) return ['0', ...marks].join(';');
    if (!isSeen && cell.isUnderline() === 0 && cell.isStrikethrough() === 0) return background(cell, marks);
    if (cell.isFgRGB()) marks.push(`38;2;${rgb(cell.getFgColor())}`);
    else if (cell.isFgPalette()) marks.push(`38;5;${cell.getFgColor() & 255}`);
    return background(cell, marks);
  }

  #cursor({ isCursorHidden, terminal: { buffer } }: Screen, { left, top, cols, rows }: View): string {
    const [x, y] = [buffer.active.cursorX - left, buffer.active.cursorY - top];
    if (isCursorHidden || x < 0 || y < 0 || x > cols || y >= rows) return '';
    return `${csi}${y + 1};${Math.min(x + 1, cols)}H${csi}?25h`;
  }
}

function background(cell: Cell, marks: readonly string[]): string {
  if (cell.isBgRGB()) return ['0', ...marks, `48;2;${rgb(cell.getBgColor())}`].join(';');
  return ['0', ...marks, ...(cell.isBgPalette() ? [`48;5;${cell.getBgColor() & 255}`] : [])].join(';');
}

function isBlank(cell: Cell | undefined): boolean {
  return cell === undefined || (cell.getChars().trim() === '' && cell.getWidth() === 1 && isPlain(cell));
}

const isPlain = (cell: Cell): boolean =>
  cell.isBgDefault() && cell.isInverse() === 0 && cell.isUnderline() === 0 && cell.isStrikethrough() === 0;

/** Rule 2. @param room how many columns are left for it */
function shownOf(cell: Cell, room: number): string {
  const chars = cell.getChars().replace(unseen, '').replace(tooManyMarks, '$1');
  if (chars === '' || /^\p{M}/u.test(chars)) return ' '.repeat(cell.getWidth());
  return cell.getWidth() > room ? ' ' : chars;
}

const rgb = (colour: number): string => `${(colour >> 16) & 255};${(colour >> 8) & 255};${colour & 255}`;
