// The rows of a recording as a person could read them: each text that stood on the screen. What a tmux client prints are updates of cells,
// in which most texts are never in one piece.
//
// The screen is looked at before the first event that comes 100 ms or more after the look before, so every text that stood for 100 ms is
// seen, and also each one that scrolled off or was erased faster. A text is given once for each time that it appeared: when it has stood
// for a second, or when it left. One that only grew within that second, as a line does that is being typed, is given as it was in the end.
import { Screen, type ScreenLine } from './screen.ts';

/** A text that stood on the screen. */
export interface Row {
  /** When it stood there first, in seconds since the beginning of the recording. */
  readonly at: number;
  /** A row, with those into which it wrapped, without blanks at its end. */
  readonly text: string;
  /** Which screen of the terminal it was on. tmux uses the alternate one for everything that it shows. */
  readonly screen: 'main' | 'alternate';
}

/** What is needed of an event of a recording. */
export interface RowEvent {
  /** Seconds. */
  readonly at: number;
  readonly code: string;
  readonly data: string;
}

/** The size of the terminal at the beginning. */
export interface RowHeader {
  readonly width: number;
  readonly height: number;
}

const lookSeconds = 0.1;
const settledSeconds = 1;
const resizeTo = /^(\d{1,5})x(\d{1,5})$/;

/** The rows in the order in which they appeared; of those that appeared together, from top to bottom. */
export async function* settledRows(header: RowHeader, events: AsyncIterable<RowEvent>): AsyncGenerator<Row> {
  for await (const rows of rowBatches(header, () => events)) yield* rows;
}

/**
 * The same, as many at a time as there are: a step of an asynchronous generator for each row takes longer than drawing it.
 * @param events those of the recording; each is drawn on this screen before the next one is asked for
 * @param pass is given the events that draw nothing
 */
export async function* rowBatches(
  header: RowHeader,
  events: (screen: Screen) => AsyncIterable<RowEvent>,
  pass: (event: RowEvent) => void = () => undefined,
): AsyncGenerator<readonly Row[]> {
  const screen = new Screen({ cols: header.width, rows: header.height });
  const standing = new Standing(screen);
  try {
    let lookAt: number | undefined;
    for await (const event of events(screen)) {
      const { at, code, data } = event;
      const isResize = code === 'r';
      if (code !== 'o' && !isResize) {
        pass(event);
        continue;
      }
      if (lookAt !== undefined && (at >= lookAt || isResize)) {
        standing.look(at);
        yield standing.take();
        lookAt = undefined;
      }
      lookAt ??= at + lookSeconds;
      standing.now = at;
      if (isResize) resize(screen, data);
      else screen.write(data);
    }
    standing.look(Infinity);
    yield standing.take();
  } finally {
    screen.dispose();
  }
}

function resize(screen: Screen, data: string): void {
  const [, cols, rows] = resizeTo.exec(data) ?? [];
  if (cols !== undefined && rows !== undefined) screen.resize({ cols: Number(cols), rows: Number(rows) });
}

/** A text on the screen, from when it was seen first. */
interface Seen extends Row {
  /** Its place in the order of all. */
  readonly place: number;
  readonly row: number;
  /** Whether it was given. */
  given: boolean;
  /** Another of the same text. */
  alike: Seen | undefined;
}

/** How many texts that left between two looks are compared with one that could have grown into them. */
const mostGrown = 200;

/** What stands on a screen, and the rows that are ready to be given. */
class Standing {
  /** The time of the event that is being drawn, in seconds. */
  now = 0;
  readonly #screen: Screen;
  #seen = new Map<string, Seen>();
  /** Not given yet, in their order. */
  readonly #waiting = new Set<Seen>();
  #ready: Seen[] = [];
  /** What came and left since the last look. */
  #passed: string[] = [];
  #places = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.onLeave((lines) => {
      for (const line of lines) this.#leaves(line);
    });
  }

  /** Looks at the screen as it is until the next event. @param next the time of that event */
  look(next: number): void {
    const before = this.#seen;
    const here = new Map<string, Seen>();
    const appeared: Seen[] = [];
    for (const line of this.#screen.lines()) {
      const known = takeFrom(before, line);
      const seen = known ?? this.#see(line);
      if (known === undefined) appeared.push(seen);
      seen.alike = here.get(line.text);
      here.set(line.text, seen);
    }
    this.#seen = here;
    for (const gone of before.values())
      for (let seen: Seen | undefined = gone; seen !== undefined; seen = seen.alike) this.#went(seen, appeared);
    this.#passed = [];
    for (const seen of this.#waiting) {
      if (next - seen.at < settledSeconds) break;
      this.#give(seen);
    }
  }

  /** The rows that nothing can come before any more. */
  take(): readonly Row[] {
    const [first] = this.#waiting;
    const ready = this.#ready.sort((a, b) => a.place - b.place);
    const end = first === undefined ? -1 : ready.findIndex(({ place }) => place > first.place);
    this.#ready = end < 0 ? [] : ready.slice(end);
    return end < 0 ? ready : ready.slice(0, end);
  }

  #see({ row, text }: ScreenLine): Seen {
    const { screen } = this.#screen;
    const seen = { at: this.now, text, screen, place: this.#places++, row, given: false, alike: undefined };
    this.#waiting.add(seen);
    return seen;
  }

  #give(seen: Seen): void {
    if (seen.given) return;
    seen.given = true;
    this.#waiting.delete(seen);
    this.#ready.push(seen);
  }

  /** A line that is about to leave. */
  #leaves(line: ScreenLine): void {
    const seen = takeFrom(this.#seen, line) ?? this.#see(line);
    if (this.#passed.length < mostGrown) this.#passed.push(line.text);
    this.#give(seen);
  }

  /** A text that is not on the screen any more. It is not given if it grew into another before it settled. */
  #went(seen: Seen, appeared: readonly Seen[]): void {
    if (seen.given) return;
    const grew =
      appeared.some(({ row, text }) => row === seen.row && text.startsWith(seen.text)) ||
      this.#passed.some((text) => text.startsWith(seen.text));
    if (grew) this.#waiting.delete(seen);
    else this.#give(seen);
  }
}

/** Removes a text from those that were seen, of several alike the one of the same row. */
function takeFrom(seen: Map<string, Seen>, { row, text }: ScreenLine): Seen | undefined {
  const first = seen.get(text);
  if (first?.alike === undefined) {
    if (first !== undefined) seen.delete(text);
    return first;
  }
  let before: Seen | undefined;
  for (let one: Seen | undefined = first; one !== undefined; before = one, one = one.alike)
    if (one.row === row && before !== undefined) {
      before.alike = one.alike;
      return one;
    }
  seen.set(text, first.alike);
  return first;
}
