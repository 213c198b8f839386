import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyReader, type Key } from '../../../src/wire/keys.ts';

const read = (...pieces: readonly (string | Uint8Array)[]): readonly Key[] => {
  const reader = keyReader();
  return pieces.flatMap((piece) => reader(typeof piece === 'string' ? Buffer.from(piece) : piece));
};
const text = (said: string, pasted = false): Key => ({ text: said, pasted });

test.each<[string, readonly Key[]]>([
  ['jk', [text('j'), text('k')]],
  ['\u001b[A\u001bOB', [{ name: 'up' }, { name: 'down' }]],
  ['\u001b[Z\t\r\n', [{ name: 'back-tab' }, { name: 'tab' }, { name: 'enter' }, { name: 'enter' }]],
  ['\u0003\u0004', [{ name: 'interrupt' }, { name: 'interrupt' }]],
  ['\u007f\b\u0015\f', [{ name: 'erase' }, { name: 'erase' }, { name: 'erase-all' }, { name: 'repaint' }]],
  ['\u001b', [{ name: 'escape' }]],
  ['é日🔥', [text('é'), text('日'), text('🔥')]],
])('%j is read as keys', (said, keys) => {
  expect(read(said)).toEqual(keys);
});

test.each(['\u001b[1;5A', '\u001b[3~', '\u001bOP', '\u001ba', '\u001b[?1;2c', '\u0001', '\u0000', '\u009b'])(
  '%j is no key, and no part of it is a letter that acts',
  (said) => {
    expect(read(said)).toEqual([]);
  },
);

test('a character that comes in two pieces is one', () => {
  const bytes = Buffer.from('日');
  expect(read(bytes.subarray(0, 1), bytes.subarray(1))).toEqual([text('日')]);
});

test('what is pasted is text alone: no key in it is one that acts', () => {
  expect(read('\u001b[200~r', 'x\r\u0003y\u001b[A', '\u001b[201~j')).toEqual([
    text('r', true),
    text('x', true),
    text('y', true),
    text('j'),
  ]);
});

test('a paste is one wherever it is cut into pieces, and ends where it ends', () => {
  const said = '\u001b[200~r\ry\u0003\u001b[201~j';
  for (let at = 1; at < said.length; at++) {
    const keys = read(said.slice(0, at), said.slice(at));
    const letters = keys.filter((key) => 'text' in key);
    expect([at, letters]).toEqual([at, [text('r', true), text('y', true), text('j')]]);
    // An ESC that comes alone is a key at once.
    expect([at, keys.length - letters.length]).toEqual([at, at === 1 ? 1 : 0]);
  }
  expect(read(...Array.from(said)).filter((key) => 'text' in key)).toEqual([
    text('r', true),
    text('y', true),
    text('j'),
  ]);
});

test('an escape is a key at once, and what is typed after it another', () => {
  expect(read('\u001b', 'j', '\u001b', '\u001b[A')).toEqual([
    { name: 'escape' },
    text('j'),
    { name: 'escape' },
    { name: 'up' },
  ]);
});

test('a sequence that never ends holds nothing back', () => {
  expect(read(`\u001b[${'1'.repeat(40)}`, 'j')).toEqual([text('j')]);
});

test('whatever bytes come, keys come of them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
      for (const key of read(...pieces)) if ('text' in key) expect(/\p{C}/u.test(key.text)).toBe(false);
    }),
  );
});
