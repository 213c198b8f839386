// A reason against its pattern: exact, and never for longer than a moment.
import { expect, test } from '@jest/globals';
import { fitsInTime } from '../../src/adapters/pattern.ts';

const ticket = '^(INC|CHG)-[0-9]+ ';

test('what fits fits, what does not does not, and a pattern that is none fits nothing', () => {
  expect(fitsInTime(ticket, 'INC-1 look')).toBe(true);
  expect(fitsInTime(ticket, 'look')).toBe(false);
  expect(fitsInTime('(', 'look')).toBe(false);
});

test('a pattern that backtracks without end ends, and does not fit', () => {
  expect(fitsInTime('^(\\w+ ?)+$', `${'a'.repeat(40)}!`)).toBe(false);
});
