import { expect, test } from '@jest/globals';
import { openScreenRows } from '../../../src/gate/screen-rows.ts';

function before(text: string, cols = 10, rows = 4): string {
  const screen = openScreenRows(cols, rows);
  screen.feed(text);
  return screen.beforeCursor();
}

test.each([
  ['nothing', '', ''],
  ['text', 'ab', 'ab'],
  ['a new row', 'ab\r\ncd', 'cd'],
  ['a backspace', 'abc\b', 'ab'],
  ['colours and titles', '\u001b[1;31mab\u001b[m\u001b]2;title\u0007\u001b]8;;x\u001b\\c\u001b[?25h\u001b(B', 'abc'],
  ['an address', '\u001b[2;4Hab', '   ab'],
  ['home', 'abc\u001b[H', ''],
  ['moves', 'abc\u001b[A\u001b[2D\u001b[B\u001b[Cx', '  x'],
  ['a column and a row', 'abc\u001b[2G\u001b[3d', ' '],
  ['the status line, and back', 'Key: \u001b7\u001b[4;1Hstatus\u001b8', 'Key: '],
  ['erased to the end', 'abcdef\u001b[3G\u001b[K\u001b[6G', 'ab   '],
  ['erased to the cursor', 'abcdef\u001b[3G\u001b[1K\u001b[7G', '   def'],
  ['an erased row', 'abc\u001b[2K', '   '],
  ['an erased screen', 'abc\u001b[2J', '   '],
  ['a screen erased below', 'ab\r\ncd\u001b[H\u001b[J\u001b[2;3H', '  '],
  ['a screen erased above', 'ab\r\ncd\u001b[1J\u001b[1;3H', '  '],
  ['deleted', 'abcdef\u001b[2G\u001b[2P\u001b[5G', 'adef'],
  ['inserted', 'abcdef\u001b[2G\u001b[2@\u001b[7G', 'a  bcd'],
  ['blanked', 'abcdef\u001b[2G\u001b[2X\u001b[7G', 'a  def'],
  ['scrolled by line ends', 'a\r\nb\r\nc\r\nd\r\ne\u001b[1;2H', 'b'],
  ['scrolled by a sequence', 'a\r\nb\u001b[S\u001b[1;2H', 'b'],
  ['scrolled down', 'a\r\nb\u001b[T\u001b[2;2H', 'a'],
  ['scrolled down by a reverse line end', 'ab\r\u001bM\u001b[2;3H', 'ab'],
  ['a reverse line end', 'a\r\nb\u001bMx', 'ax'],
  ['a scroll region', 'a\r\nb\r\nc\u001b[1;2r\u001b[2;1H\n\u001b[3;2H', 'c'],
  ['a scroll region that is taken back', '\u001b[1;2r\u001b[r\u001b[2;1H\n\u001b[3;1Hx', 'x'],
  ['deleted rows', 'a\r\nb\u001b[1;1H\u001b[M\u001b[1;2H', 'b'],
  ['inserted rows', 'a\r\nb\u001b[1;1H\u001b[L\u001b[2;2H', 'a'],
  ['rows deleted below a region', '\u001b[1;2r\u001b[4;1H\u001b[Mx', 'x'],
  ['a long row', 'abcdefghijkl', 'abcdefghijkl'],
  ['wide characters', '密码：', '密码：'],
  ['a wide character at the edge', 'abcdefghi密', '密'],
  ['text without combining marks', 'e\u0301x', 'ex'],
  ['an unknown sequence', 'ab\u001b[5n\u001b=\u0007', 'ab'],
])('follows %s', (_, text, row) => {
  expect(before(text)).toBe(row);
});

test('keeps the printed characters, by their number, as far back as is useful', () => {
  const screen = openScreenRows(80, 24);
  screen.feed('abc\u001b[1mdef');
  expect(screen.printed()).toBe(6);
  expect(screen.printedSince(3)).toBe('def');
  for (let n = 0; n < 6; n++) screen.feed('x'.repeat(3000));
  expect(screen.printed()).toBe(18_006);
  expect(screen.printedSince(18_000)).toBe('xxxxxx');
  expect(screen.printedSince(0).length).toBeLessThan(17_000);
});

test('looks at the end of much output at once', () => {
  const screen = openScreenRows(80, 24);
  screen.feed(`${'x'.repeat(10_000)}\u001b[1;1H${'y'.repeat(4_000)}\u001b[2;1HPassword: `);
  expect(screen.beforeCursor()).toMatch(/Password: $/);
  screen.feed('z'.repeat(10_000));
  expect(screen.beforeCursor()).toMatch(/z+$/);
});

test('stays within a screen that gets smaller', () => {
  const screen = openScreenRows(80, 24);
  screen.feed('\u001b[20;70Hx');
  screen.resize(40, 10);
  screen.feed('\ry');
  expect(screen.beforeCursor()).toBe('y');
});
