// Text in man(7) source: nothing in it is a request or an escape, and what is shown is what was meant.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { escape, example, fill, inline, paragraph, sentence, source, usage } from '../../../scripts/docs/man/roff.ts';

/** A page with this body, as a person reads it, without its first and last line. */
function shown(body: readonly string[]): string {
  const page = source({ name: 'x', section: 5, about: 'y', version: '1', body: [['.SH Z'], body] });
  const all = execFileSync('groff', ['-man', '-Tutf8', '-rLL=200n', '-P-cbou'], { input: page, encoding: 'utf8' });
  const lines = all.trimEnd().split('\n');
  const inside = lines.slice(lines.indexOf('Z') + 1, -1).map((line) => line.trim());
  return inside.join('\n').trim();
}

test.each([
  ['--for 20m', '\\-\\-for 20m'],
  ['C:\\n', 'C:\\en'],
  ['.SH', '\\&.SH'],
  ["'br", '\\(aqbr'],
  ['say "no"', 'say \\(dqno\\(dq'],
  ['~/.ssh `id` ^', '\\(ti/.ssh \\(gaid\\(ga \\(ha'],
  ['né…', 'n\\[u00E9]\\[u2026]'],
  ['one\ntwo\tthree', 'one two three'],
  ['bell\u0007', 'bell'],
])('%j is written as %j', (text, expected) => {
  expect(escape(text)).toBe(expected);
});

test('code is bold, a link to a document is its path, another page is bold', () => {
  expect(inline('type `ssh -t x`')).toBe('type \\fBssh \\-t x\\fR');
  expect(inline('see [logins.md](logins.md#session-accounts).')).toBe('see docs/logins.md.');
  expect(inline('see tmux-gate.yaml(5)')).toBe('see \\fBtmux-gate.yaml\\fR(5)'.replace('x-g', 'x\\-g'));
});

test('in usage, options and words are bold and what is put in for them is in italics', () => {
  expect(usage('ID [--for 20m]')).toBe('\\fIID\\fR [\\fB\\-\\-for\\fR 20\\fBm\\fR]');
});

test('each sentence begins a line; a full stop at the end of a line that ends none is marked', () => {
  expect(fill('One. Two (three.) Four, e.g. five.')).toEqual(['One.', 'Two (three.)', 'Four, e.g. five.']);
  expect(fill('x '.repeat(37) + 'ab ... and')).toEqual([`${'x '.repeat(37)}ab`, '\\&... and']);
  expect(fill('x '.repeat(36) + 'a ... and')[0]).toMatch(/ \.\.\.\\&$/);
});

test('a phrase becomes a sentence', () => {
  expect(sentence('end a grant now')).toBe('End a grant now.');
  expect(sentence('Why?')).toBe('Why?');
});

test('an example keeps its lines, its blanks and its dots', () => {
  const lines = ['.dotted --x', "'quoted'", 'a: { b: "c" }', '\\fBnot bold'];
  expect(shown(example(...lines))).toBe(lines.join('\n'));
});

test('whatever a text holds, groff shows it as it is', () => {
  const awkward = fc.constantFrom('.', "'", '\\', '-', '"', '\\fB', '.br', '\'\\"', '\\n(', '%', '~', '^', 'a', '.\\"');
  const word = fc.array(awkward, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
      const text = words.join(' ');
      expect(shown(paragraph(text)).replace(/\s+/g, ' ')).toBe(text);
    }),
    { numRuns: 20 },
  );
});
