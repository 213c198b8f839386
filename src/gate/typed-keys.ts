// What a terminal sends for the keys of a person, as text (xterm ctlseqs, "PC-Style Function Keys", "Bracketed Paste Mode").

/** A key's sequence, or one character. */
const keys = /\u001b(?:\[[?<]?[\d;:]*[ -/]*[@-~]|O[^]|[^])?|[^]/gu;
/** What ends a line: Enter (on the keypad as well), Ctrl-J, and what stops or suspends a program or ends its input. */
const lines = /(?:(?!\u001bOM)[^\r\n\u0003\u0004\u001a\u001c])*(?:\u001bOM|[\r\n\u0003\u0004\u001a\u001c])?/g;
const ends = /(?:\u001bOM|[\r\n\u0003\u0004\u001a\u001c])$/;

/** How many keys this text is. */
export function countKeys(text: string): number {
  return text.match(keys)?.length ?? 0;
}

/** The text cut after each key that ends a line. */
export function linesOf(text: string): readonly string[] {
  return (text.match(lines) as readonly string[]).filter((line) => line !== '');
}

/** Whether the text ends with a key that ends a line. */
export function endsLine(text: string): boolean {
  return ends.test(text);
}

/** Printed characters that may come between two of a typed line: of a second typist, or a completed word. */
const mostBetween = 8;
const mostChecked = 256;
const mostStarts = 512;

/**
 * Whether the characters of a typed line are among those that were printed since: each part between two control keys in order, with little
 * in between. A line that has none counts as printed.
 */
export function isPrinted(line: string, printed: string): boolean {
  // A space may be drawn as a move of the cursor.
  const parts = line.replace(/\u001b(?:\[[?<]?[\d;:]*[ -/]*[@-~]|O[^]|[^])?/gu, '\r').replace(/[\u007f\b ]/g, '');
  return parts.split(/[\u0000-\u001f]/).every((part) => isPart(part.slice(0, mostChecked), printed));
}

function isPart(part: string, printed: string): boolean {
  if (part === '') return true;
  let start = -1;
  for (let tries = 0; tries < mostStarts; tries++) {
    start = printed.indexOf(part.charAt(0), start + 1);
    if (start < 0) return false;
    if (goesOn(part, printed, start)) return true;
  }
  return false;
}

function goesOn(part: string, printed: string, start: number): boolean {
  let at = start;
  for (const character of part.slice(1)) {
    const next = printed.slice(at + 1, at + 2 + mostBetween).indexOf(character);
    if (next < 0) return false;
    at += next + 1;
  }
  return true;
}
