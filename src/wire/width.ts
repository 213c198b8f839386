// How many columns a text takes on a terminal, and cutting it to a width. Terminals differ on some characters; the dashboard therefore
// switches automatic wrapping off, so that a character that is wider than counted here is clipped.

/** Combining marks, which take no column. */
const none = /\p{Mn}|\p{Me}/u;
/** Two columns: W and F of EastAsianWidth.txt (Unicode 16) in blocks, and what is shown as an emoji by default. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;

/** Columns of one character: 0, 1 or 2. */
export function columnsOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  return none.test(character) ? 0 : wide.test(character) ? 2 : 1;
}

/** Columns of a text. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** The text, cut to the width with an ellipsis at its end where it is wider. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width < 1 ? '' : `${headOf(text, width - 1)}…`;
}

/** The characters from the beginning that fit into the width, with the marks that combine with the last of them. */
export function headOf(text: string, width: number): string {
  let [head, left] = ['', width];
  for (const character of text) {
    left -= columnsOf(character);
    if (left < 0) break;
    head += character;
  }
  return head;
}

/** The characters at the end that fit into the width, to show a line while somebody types it. */
export function tailOf(text: string, width: number): string {
  let [tail, left] = ['', width];
  for (const character of Array.from(text).reverse()) {
    left -= columnsOf(character);
    if (left < 0) break;
    tail = character + tail;
  }
  return tail;
}

/** The text with spaces up to the width. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Wraps a text at spaces to lines of the width (at least two). A word that is wider is broken, so that nothing is hidden. */
export function wrapTo(text: string, width: number): readonly string[] {
  const room = Math.max(2, width);
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > room) {
    const head = headOf(rest, room);
    const space = head.lastIndexOf(' ');
    const end = head.slice(0, Math.max(0, space)).trim() === '' ? head.length : space;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return rest === '' && lines.length > 0 ? lines : [...lines, rest];
}
