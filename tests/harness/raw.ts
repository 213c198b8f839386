// Characters that could repaint a screen, forge a line or hide a word. Text that another person reads must hold none of them.
import { expect } from '@jest/globals';

/** A title, a colour, a cleared screen, their C1 and DCS forms, line ends, bidi controls, zero-width, NUL, BEL, DEL, a tag character. */
export const nasty =
  '\u001b]0;owned\u0007\u001b[31m\u001b[2J\u001bPq\u001b\\\u009b31m\u009d0;owned\u009c\r\n\b\u0085\u2028\u2029\u202e\u2066\u200b\ufeff\u0000\u007f\u{E0041}';

/** The same without NUL, which no program argument can hold. */
export const nastyWord = nasty.replaceAll('\u0000', '');

/** Control characters that the gate and ssh write themselves: line ends, the cleared line of a wait, the bell of an answer, colours. */
const ours = /\r*\n|\r\u001b\[2K|\u0007|\u001b\[(?:0|2|31|36)m/gu;

/** Expects that a terminal's text has no control, format or separator characters but those of the gate and ssh. */
export function expectHarmless(text: string): void {
  const rest = text.replace(ours, '');
  const found = Array.from(rest.matchAll(/[\p{C}\p{Zl}\p{Zp}]/gu), ({ 0: one, index }) =>
    JSON.stringify([one, one.codePointAt(0), rest.slice(Math.max(0, index - 40), index + 40)]),
  );
  expect(found).toEqual([]);
}
