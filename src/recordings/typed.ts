// What a person typed, as lines, from the input events of their recording. A program in the session may have read the keys in another way
// than a shell does; the raw text is kept beside the readable one.

/** What is needed of an event of a recording. */
export interface TypedEvent {
  /** Seconds. */
  readonly at: number;
  readonly code: string;
  readonly data: string;
}

/** A line, up to the key that ended it. */
export interface TypedLine {
  /** When its first key was typed, in seconds since the beginning of the recording. */
  readonly at: number;
  /** When its last key was typed. */
  readonly until: number;
  /** As a person would read it: what was erased again is left out, and keys without a character have names, such as `<Up>` or `^C`. */
  readonly text: string;
  /** As it was typed. */
  readonly raw: string;
}

/** A key or a report of the terminal, whole. Sources: ECMA-48 section 5.4; xterm ctlseqs. */
const token =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001bO[ -~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[^\u001b]|[^]/uy;
/** The beginning of one. */
const partial = /^\u001b(?:\[[0-?]*[ -/]*|O|\][^\u0007\u001b]*\u001b?|[PX^_][^\u001b]*\u001b?)?$/u;
/** What terminals send without a key: answers to questions, focus, mouse, and the two ends of a paste. */
const report = /^\u001b(?:[\]PX^_]|\[[?>=<]|\[(?:[IO]|20[01]~|M|[0-9;]+[Rctn]|[0-9;?]*\$y))/u;

const cursorKeys: Readonly<Record<string, string>> = {
  ...{ A: 'Up', B: 'Down', C: 'Right', D: 'Left', H: 'Home', F: 'End', Z: 'S-Tab', M: 'Enter' },
  ...{ P: 'F1', Q: 'F2', R: 'F3', S: 'F4' },
};
const editKeys: Readonly<Record<string, string>> = {
  ...{ 1: 'Home', 2: 'Insert', 3: 'Delete', 4: 'End', 5: 'PageUp', 6: 'PageDown', 7: 'Home', 8: 'End' },
  ...{
    11: 'F1',
    12: 'F2',
    13: 'F3',
    14: 'F4',
    15: 'F5',
    17: 'F6',
    18: 'F7',
    19: 'F8',
    20: 'F9',
    21: 'F10',
    23: 'F11',
    24: 'F12',
  },
};

/** Ends of lines: Enter, line feed, ^C, ^D and ^Z. */
const ending = new Set(['\r', '\n', '\u0003', '\u0004', '\u001a']);
/** Longer lines are given in pieces. */
const longest = 4096;
/** A key this long after the one before begins a line of its own. */
const pauseSeconds = 60;
/** A sequence arrives within this time; an ESC that waits longer is the key. */
const escapeSeconds = 0.05;

/** The lines in the order in which they ended. */
export async function* typedLines(events: AsyncIterable<TypedEvent>): AsyncGenerator<TypedLine> {
  const typist = new Typist();
  for await (const { at, code, data } of events) if (code === 'i') yield* typist.take(at, data);
  yield* typist.end();
}

/** Makes lines of what is typed, event by event. */
export class Typist {
  /** The beginning of a sequence whose rest has not come. */
  #rest = '';
  /** Characters and names of keys. */
  #keys: string[] = [];
  #raw = '';
  #at = 0;
  #until = 0;

  *take(at: number, data: string): Generator<TypedLine> {
    const pause = at - this.#until;
    if (this.#rest !== '' && pause > escapeSeconds) yield* this.#takeAll(this.#until, this.#unfinished());
    if (this.#raw !== '' && pause > pauseSeconds) yield* this.#line();
    const text = this.#rest + data;
    this.#rest = '';
    yield* this.#takeAll(
      at,
      tokensOf(text, (rest) => (this.#rest = rest)),
    );
    this.#until = at;
  }

  *end(): Generator<TypedLine> {
    yield* this.#takeAll(this.#until, this.#unfinished());
    yield* this.#line();
  }

  #unfinished(): readonly string[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : ['\u001b', ...Array.from(rest.slice(1))];
  }

  *#takeAll(at: number, tokens: Iterable<string>): Generator<TypedLine> {
    for (const key of tokens) {
      if (report.test(key)) continue;
      if (this.#raw === '') this.#at = at;
      this.#until = at;
      this.#raw += key;
      press(this.#keys, key);
      if (ending.has(key) || this.#raw.length >= longest) yield* this.#line();
    }
  }

  *#line(): Generator<TypedLine> {
    const line = { at: this.#at, until: this.#until, text: this.#keys.join(''), raw: this.#raw };
    this.#keys = [];
    this.#raw = '';
    if (line.text !== '') yield line;
  }
}

function* tokensOf(text: string, keep: (rest: string) => void): Generator<string> {
  token.lastIndex = 0;
  for (let at = 0; at < text.length; at = token.lastIndex) {
    const isPartial = text[at] === '\u001b' && text.length - at < longest && partial.test(text.slice(at));
    if (isPartial) return keep(text.slice(at));
    token.lastIndex = at;
    const [found = ''] = token.exec(text) ?? [];
    yield found;
    token.lastIndex = at + found.length;
  }
}

/** What a key does to the readable line. */
function press(keys: string[], key: string): void {
  const last = keys.at(-1);
  if (key === '\r' || key === '\n') return;
  if (key === '\u007f' || key === '\b') {
    if (last === undefined || !isName(last)) keys.pop();
    else keys.push('<Backspace>');
  } else if (key === '\u0015') keys.length = 0;
  else if (key === '\u0017') eraseWord(keys);
  else keys.push(spelled(key));
}

const isName = (key: string): boolean => key.length > 1 && /^[<^]/.test(key);

/** ^W, as a shell reads it. */
function eraseWord(keys: string[]): void {
  while (keys.at(-1) === ' ') keys.pop();
  while (keys.length > 0 && keys.at(-1) !== ' ') keys.pop();
}

function spelled(key: string): string {
  if (key === '\t') return '<Tab>';
  if (key === '\u001b') return '<Esc>';
  if (key.startsWith('\u001b')) return `<${sequenceName(key)}>`;
  const code = key.charCodeAt(0);
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : key;
}

const modified = /^\u001b\[(\d*)(?:;(\d+))?([A-Z~])$/;

/** Such as `Up`, `C-Right` or `M-b`. */
function sequenceName(key: string): string {
  if (/^\u001b[^[O]/.test(key)) return `M-${spelled(key.slice(1)).replace(/^<(.*)>$/, '$1')}`;
  const [, number = '', modifiers = '1', final = ''] = modified.exec(key) ?? [
    ,
    '',
    '1',
    key.startsWith('\u001bO') ? key.slice(2) : '',
  ];
  const name = final === '~' ? editKeys[number] : cursorKeys[final];
  return name === undefined ? 'key' : modifiersOf(Number(modifiers) - 1) + name;
}

/** Source: xterm ctlseqs, "PC-Style Function Keys". */
const modifiersOf = (bits: number): string =>
  `${(bits & 4) > 0 ? 'C-' : ''}${(bits & 2) > 0 ? 'M-' : ''}${(bits & 1) > 0 ? 'S-' : ''}`;
