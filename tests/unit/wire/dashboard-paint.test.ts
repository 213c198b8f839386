import { expect, test } from '@jest/globals';
import { paintChanges } from '../../../src/wire/dashboard-paint.ts';

const plain = (text: string) => ({ text, look: '' });

test('what did not change costs nothing', () => {
  const lines = [plain('one'), { text: 'two', look: '7' }];
  expect(paintChanges(lines, lines, true)).toBe('');
});

test('a line that is new is drawn whole, over whatever stood there', () => {
  expect(paintChanges([], [plain('one')], true)).toBe('\u001b[1;1H\u001b[2Kone');
  expect(paintChanges([plain('a'), plain('b')], [plain('a'), plain('bc')], true)).toBe('\u001b[2;1H\u001b[2Kbc');
});

test('of a line whose seconds moved only these are sent', () => {
  expect(paintChanges([plain('K7QF  1m 35s  bob')], [plain('K7QF  1m 34s  bob')], true)).toBe('\u001b[1;11H4');
});

test('where columns are not characters the line is drawn whole', () => {
  expect(paintChanges([plain('日 5s')], [plain('日 4s')], true)).toBe('\u001b[1;1H\u001b[2K日 4s');
  expect(paintChanges([plain('a 5s')], [plain('日 4s')], true)).toBe('\u001b[1;1H\u001b[2K日 4s');
});

test('a look is a colour where there are colours, and redraws its line', () => {
  const [before, after] = [[plain('row')], [{ text: 'row', look: '7' }]];
  expect(paintChanges(before, after, true)).toBe('\u001b[1;1H\u001b[2K\u001b[7mrow\u001b[0m');
  expect(paintChanges(before, after, false)).toBe('\u001b[1;1H\u001b[2Krow');
});
