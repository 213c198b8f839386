// Text that a person wrote and another will read.
//
// 1. Every string from outside passes `line` on the way in AND on the way out (law 9): control characters,
//    escape sequences, bidi overrides, zero-width and tag characters, line separators and lone surrogates could repaint an
//    approver's screen or forge a line of a log. An allow-list by Unicode class; strippers of "ANSI codes" leave CR, BS,
//    DCS terminators and U+202E. Marks that stack on one letter are few.
// 2. What leaves as JSON is ASCII (`asciiJson`): JSON.stringify keeps U+009B (CSI), DEL and bidi controls raw, and people
//    `cat` logs.

/** What a language stacks on one letter; a hundred of them cover the lines above and below. */
const tooManyMarks = /(\p{M}{6})\p{M}+/gu;
const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;
const replacement = '\uFFFD';

/**
 * One line of harmless text, at most `max` characters (UTF-16 units, an ellipsis included where it was cut).
 * Source: Unicode general categories C (control, format, surrogate, private, unassigned), Zl, Zp.
 */
export function sanitizeLine(text: string, max: number): string {
  // Normalising may lengthen a string severalfold, so it is cut before as well as after.
  const clean = text
    .slice(0, max * 4)
    .normalize('NFC')
    .replace(unseen, replacement)
    .replace(tooManyMarks, '$1');
  return clean.length <= max && text.length <= max * 4 ? clean : `${wholeCharacters(clean, max - 1)}…`;
}

/** Cuts without leaving half of a surrogate pair behind. */
function wholeCharacters(text: string, max: number): string {
  const cut = text.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** Whether a text holds something that `line` would replace. */
export function holdsUnseen(text: string): boolean {
  return text.normalize('NFC').search(unseen) >= 0;
}

/** JSON in printable ASCII alone, fit for a terminal and a log. Parses back to the same value (RFC 8259 section 7). */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
