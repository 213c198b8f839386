import { expect, test } from '@jest/globals';
import { sizeOf } from '../../../src/wire/terminal-size.ts';

test.each([
  [
    { columns: 120, rows: 40 },
    { cols: 120, rows: 40 },
  ],
  [
    { columns: 0, rows: 0 },
    { cols: 80, rows: 24 },
  ],
  [
    { columns: 120, rows: 0 },
    { cols: 80, rows: 24 },
  ],
  [
    { columns: 0, rows: 40 },
    { cols: 80, rows: 24 },
  ],
  [{}, { cols: 80, rows: 24 }],
  [
    { columns: 65_535, rows: 40 },
    { cols: 80, rows: 24 },
  ],
])('a terminal that says %j is taken for %j', (said, size) => {
  expect(sizeOf(said)).toEqual(size);
});
