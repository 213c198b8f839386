import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asciiJson, holdsUnseen, sanitizeLine } from '../../../src/core/text.ts';

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom('\u001b[2J', '\r', '\b', '\u009b', '\u202e', '\u200b', '\u2028', '\ud83d', '😀', '\u0301', 'a'),
    )
    .map((parts) => parts.join('')),
);
const unseen = /[\p{C}\p{Zl}\p{Zp}]/u;

describe('law 9: a line that somebody else reads', () => {
  test('holds nothing that cannot be seen and is no longer than allowed, whatever came in', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 80 }), (text, max) => {
        const clean = sanitizeLine(text, max);
        expect(clean).not.toMatch(unseen);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean.length).toBeLessThanOrEqual(max);
        expect(holdsUnseen(clean)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('is filtered once and for all: again changes nothing', () => {
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 80 }), (text, max) => {
        expect(sanitizeLine(sanitizeLine(text, max), max)).toBe(sanitizeLine(text, max));
      }),
    );
  });

  test.each([
    ['an escape sequence', 'a\u001b[31mb', 'a\uFFFD[31mb'],
    ['C1 CSI', 'a\u009b31m', 'a\uFFFD31m'],
    ['carriage return and backspace', 'a\r\bb', 'a\uFFFD\uFFFDb'],
    ['right-to-left override', 'INC-1 \u202Exe', 'INC-1 \uFFFDxe'],
    ['zero width', 'pr\u200Bod', 'pr\uFFFDod'],
    ['a tag character', 'a\u{E0041}', 'a\uFFFD'],
    ['a line separator', 'a\u2028b', 'a\uFFFDb'],
    ['half a surrogate pair', 'a\ud83d', 'a\uFFFD'],
  ])('%s is shown as a replacement', (_, text, clean) => {
    expect(sanitizeLine(text, 80)).toBe(clean);
    expect(holdsUnseen(text)).toBe(true);
  });

  test('is cut with an ellipsis, never inside a character', () => {
    expect(sanitizeLine('abcdef', 6)).toBe('abcdef');
    expect(sanitizeLine('abcdefg', 6)).toBe('abcde…');
    expect(sanitizeLine('abcd😀xx', 6)).toBe('abcd…');
  });

  test('shows that it was cut even where normalising made it fit', () => {
    const alpha = '\u03b1\u0313\u0300\u0345';
    expect(sanitizeLine(alpha.repeat(4), 4)).toBe(alpha.normalize('NFC').repeat(4));
    expect(sanitizeLine(alpha.repeat(5), 4)).toBe(`${alpha.normalize('NFC').repeat(3)}…`);
  });

  test('keeps what people write', () => {
    expect(sanitizeLine('INC-42 größe 日本 ✓', 80)).toBe('INC-42 größe 日本 ✓');
    expect(holdsUnseen('INC-42 größe 日本 ✓')).toBe(false);
  });
});

describe('JSON for a terminal', () => {
  test('is printable ASCII and parses back to the same value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nasty), (value) => {
        const json = asciiJson(value);
        expect(json).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value));
      }),
    );
  });
});

test('marks that stack on one letter are six at most, whoever wrote more', () => {
  const zalgo = `a${'\u0334'.repeat(350)}b`;
  expect(sanitizeLine(zalgo, 400)).toBe(`a${'\u0334'.repeat(6)}b`);
  expect(sanitizeLine(sanitizeLine(zalgo, 400), 400)).toBe(sanitizeLine(zalgo, 400));
  for (const word of ['Zürich', 'Việt Nam', 'ที่นี่', 'שָׁלוֹם', 'क्षत्रिय'])
    expect(sanitizeLine(word, 400)).toBe(word.normalize('NFC'));
});
