// Pictures for a terminal that is far away, handed out part by part.
//
// 1. The next part is handed out once the terminal has taken the one before, and no picture is taken on before all parts of the last one are
//    out. So at most one picture is kept, however slow the terminal is. Attack: a stopped terminal makes memory grow.
// 2. What a terminal says of its size is bounded (screen.ts). Attack: a picture of 10,000 rows.
import { Painter } from './paint.ts';
import { boundedSize, type ScreenSize } from './screen.ts';

export class Pictures {
  readonly painter: Painter;
  readonly #give: (part: string) => void;
  readonly #limit: number;
  #parts: string[] = [];
  #size: ScreenSize;
  #last = '';
  #isTaken = true;

  /** @param give hands a part over. @param limit the most characters of a part */
  constructor(size: ScreenSize, colour: boolean, { give, limit }: { give: (part: string) => void; limit: number }) {
    this.#size = boundedSize(size);
    this.painter = new Painter(this.#size, colour);
    this.#give = give;
    this.#limit = limit;
  }

  /** Whether another picture may be painted. */
  get isReady(): boolean {
    return this.#isTaken && this.#parts.length === 0;
  }

  /** Hands out a picture. One like the last one is dropped: it says where what stands, so that once more changes nothing. */
  show(text: string): void {
    if (text === this.#last) return;
    this.#last = text;
    this.#parts = partsOf(text, this.#limit);
    this.#next();
  }

  /** The terminal has taken the last part, and has this size. */
  taken(size: ScreenSize): void {
    const now = boundedSize(size);
    if (now.cols !== this.#size.cols || now.rows !== this.#size.rows) this.painter.resize(now);
    this.#size = now;
    this.#isTaken = true;
    this.#next();
  }

  #next(): void {
    const part = this.#parts.shift();
    if (part === undefined) return;
    this.#isTaken = false;
    this.#give(part);
  }
}

/** A text in parts, in order. No character is halved. */
function partsOf(text: string, limit: number): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    const isHalf = /[\ud800-\udbff]/.test(text.charAt(from + limit - 1));
    const to = from + limit - (isHalf ? 1 : 0);
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}
