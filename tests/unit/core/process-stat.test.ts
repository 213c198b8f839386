import { expect, test } from '@jest/globals';
import { parseStat } from '../../../src/core/process-stat.ts';

test('a comm may hold what it likes', () => {
  const rest = `S 1 ${'0 '.repeat(17)}4242 0 0`;
  expect(parseStat(`7 (a) R 9 (b\n) ${rest}`)).toEqual({
    comm: 'a) R 9 (b\n',
    state: 'S',
    parent: 1,
    startTime: 4242,
    terminal: 0,
  });
});

test('the terminal is field 7, the start field 22', () => {
  const fields = Array.from({ length: 40 }, (_, index) => String(index + 4));
  expect(parseStat(`7 (tmux) T ${fields.join(' ')}`)).toEqual({
    ...{ comm: 'tmux', state: 'T', parent: 4, terminal: 7, startTime: 22 },
  });
});

test.each(['', '7', '7 (x', '7 (x)', '7 (x) S', '7 (x) S 1 2', ')('])('%j is no stat', (text) => {
  expect(parseStat(text)).toBeUndefined();
});
