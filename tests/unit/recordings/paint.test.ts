// What a recording shows on the terminal of whoever looks: its characters, colours and places, and no sequence of its own.
import { afterEach, expect, test } from '@jest/globals';
import { Painter } from '../../../src/recordings/paint.ts';
import { Screen } from '../../../src/recordings/screen.ts';

const open: Screen[] = [];
afterEach(() => {
  for (const screen of open.splice(0)) screen.dispose();
});

function screenOf(size: { cols: number; rows: number }): Screen {
  const screen = new Screen(size);
  open.push(screen);
  return screen;
}

function painted(pieces: readonly string[], size = { cols: 40, rows: 6 }, colour = true): string {
  const screen = screenOf({ cols: 40, rows: 5 });
  for (const piece of pieces) screen.write(piece);
  return new Painter(size, colour).paint(screen, 'status');
}

/** All that may ever be printed: characters that are seen; places, colours, erasing, and whether the cursor is shown. */
const allowed = /^(?:[^\p{C}\p{Zl}\p{Zp}]|\u001b\[(?:\d+;\d+H|\d+G|\d+(?:;\d+)*m|K|2J|\?25[hl]))*$/u;

const esc = '\u001b';
const hostile: Readonly<Record<string, readonly string[]>> = {
  'OSC 52, the clipboard': [`${esc}]52;c;ZXZpbA==\u0007`, `${esc}]52;c;?${esc}\\`],
  'titles, and their reports': [`${esc}]0;evil\u0007${esc}]2;evil${esc}\\`, `${esc}[21t${esc}[22;0t${esc}[23;0t`],
  'a link': [`${esc}]8;;https://evil.example\u0007click${esc}]8;;\u0007`],
  'requests that a terminal answers': [`${esc}[c${esc}[>c${esc}[=c${esc}[5n${esc}[6n${esc}[?6n${esc}[18t\u0005`],
  'DECRQSS, XTGETTCAP, DCS': [`${esc}P$q"p${esc}\\`, `${esc}P+q544e${esc}\\`, `${esc}P1;2|17/ab${esc}\\`],
  'colours asked for': [`${esc}]4;1;?\u0007${esc}]10;?\u0007${esc}]11;?${esc}\\`],
  'files and images': [
    `${esc}]1337;File=inline=1:AAAA\u0007`,
    `${esc}_Gf=24;AAAA${esc}\\`,
    `${esc}Pq#0;2;0;0;0${esc}\\`,
  ],
  'printing and the mouse': [`${esc}[5i${esc}[4i`, `${esc}[?1000h${esc}[?1003h${esc}[?1006h${esc}[?2004h`],
  'modes of the terminal': [`${esc}[?1049l${esc}[?1049h${esc}[?5h${esc}c${esc}[!p${esc}#8`],
  'C1 controls': ['\u009b31m\u009d52;c;ZXZpbA==\u009c\u0090q\u009c\u0085\u008d'],
  'a sequence in pieces': [esc, ']', '5', '2;c;', 'ZXZpbA==', esc, '\\'],
  'a sequence within a sequence': [`${esc}]0;${esc}]52;c;ZXZpbA==\u0007\u0007`, `${esc}[3${esc}]52;c;eA==\u00071m`],
  'a string that never ends': [`${esc}]52;c;${'A'.repeat(100_000)}`],
  'bidi controls and zero width': ['a\u202eb\u2066c\u200bd\u200fe\ufeff', '\u061c\u2028\u2029x', '\u{e0041}tag'],
  'many combining marks': [`a${'\u0301'.repeat(500)}b`, '\u0301\u0302 c'],
  'private use and halves of characters': ['\ue000\uf8ff\u{f0000}', '\ud800x\udc00'],
  'nulls, BEL, DEL': ['\u0000\u0007\u007f\u000e\u000fqqq'],
  'repeats without end': [`x${esc}[2147483647b${esc}[2147483647S${esc}[2147483647L`],
};

test.each(Object.entries(hostile))('%s: nothing of it is printed', (_, pieces) => {
  const text = painted(['before ', ...pieces, ' after']);
  expect(text).toMatch(allowed);
  expect(text).not.toContain('evil');
  expect(text).not.toContain('ZXZpbA');
});

test('a link is shown as its text', () => {
  expect(painted([hostile['a link']![0]!])).toContain('click');
});

test('concealed text is shown, and so is what a person wrote over it', () => {
  expect(painted([`${esc}[8mrm -rf /${esc}[0m`])).toContain('rm -rf /');
});

test('what is painted is the screen, in whatever steps it came there', () => {
  const [screen, shown] = [screenOf({ cols: 40, rows: 5 }), screenOf({ cols: 40, rows: 6 })];
  const painter = new Painter({ cols: 40, rows: 6 }, true);
  const steps = [
    `${esc}[?1049h${esc}[H${esc}[1;38;5;200mbold${esc}[0m 日本語 é ${esc}[48;2;1;2;3m rgb ${esc}[0m`,
    `${esc}[3;5H${esc}[7mreverse${esc}[0m`,
    `${esc}[2;4r${esc}[2S${esc}[r`,
    `${esc}[5;34H漢字x`,
    `${esc}[2J${esc}[Hagain`,
  ];
  for (const step of steps) {
    screen.write(step);
    shown.write(painter.paint(screen, 'status'));
    expect(shown.lines()).toEqual([...screen.lines(), { row: 5, text: 'status' }]);
  }
});

test('what stays the same is not painted again', () => {
  const screen = screenOf({ cols: 40, rows: 5 });
  const painter = new Painter({ cols: 40, rows: 6 }, true);
  screen.write('one\r\ntwo');
  expect(painter.paint(screen, 'status')).toContain('one');
  screen.write('!');
  const second = painter.paint(screen, 'status');
  expect(second).toContain('two!');
  expect(second).not.toMatch(/one|status/);
  painter.resize({ cols: 41, rows: 6 });
  expect(painter.paint(screen, 'status')).toMatch(/one[^]*two!/);
});

test('a terminal that is too small shows the part with the cursor, and the player says so', () => {
  const screen = screenOf({ cols: 40, rows: 5 });
  const painter = new Painter({ cols: 10, rows: 3 }, true);
  screen.write(`top${esc}[5;1Hbottom ${'x'.repeat(20)}END`);
  expect(painter.isCut(screen)).toBe(true);
  expect(painter.paint(screen, '')).toContain('END');
  expect(painter.paint(screen, '')).not.toContain('top');
  expect(new Painter({ cols: 40, rows: 6 }, true).isCut(screen)).toBe(false);
});

test('without colours the marks stay', () => {
  const text = painted([`${esc}[1;31;44mred`], undefined, false);
  expect(text).toContain(`${esc}[0;1mred`);
});
