// Filters for text from outside, before a person reads it.
//
// 1. Every string from outside passes `sanitizeLine` when it comes in AND when it goes out (law 9). Attack: control characters, escape
//    sequences, bidi overrides, zero-width and tag characters, line separators or lone surrogates repaint an approver's screen or forge
//    a line of a log. Characters are filtered by Unicode category, since filters for "ANSI codes" leave CR, BS, DCS terminators and
//    U+202E. Combining marks on one letter are limited, since many of them cover the lines above and below.
// 2. JSON output is ASCII (`asciiJson`): JSON.stringify writes U+009B (CSI), DEL and bidi controls as they are. Attack: the same as in
//    rule 1, on somebody who shows a log with `cat`.

/** More combining marks on one letter than a language uses. */
const tooManyMarks = /(\p{M}{6})\p{M}+/gu;
const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;
const replacement = '\uFFFD';

/**
 * Makes any text one line that is safe to show, of at most `max` characters (UTF-16 units, with an ellipsis where it was cut). Characters
 * of the Unicode general categories C (control, format, surrogate, private, unassigned), Zl and Zp become U+FFFD.
 */
export function sanitizeLine(text: string, max: number): string {
  // Normalising can make a string several times longer, so it is cut before and after.
  const clean = text
    .slice(0, max * 4)
    .normalize('NFC')
    .replace(unseen, replacement)
    .replace(tooManyMarks, '$1');
  return clean.length <= max && text.length <= max * 4 ? clean : `${wholeCharacters(clean, max - 1)}…`;
}

/** Cuts to `max` UTF-16 units, or one less so that no surrogate pair is halved. */
function wholeCharacters(text: string, max: number): string {
  const cut = text.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** Whether a text holds a character that `sanitizeLine` would replace. */
export function holdsUnseen(text: string): boolean {
  return text.normalize('NFC').search(unseen) >= 0;
}

/** JSON in printable ASCII, safe on a terminal and in a log. It parses back to the same value (RFC 8259 section 7). */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007F-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
