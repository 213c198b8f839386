// The screen of a recording: the texts of its rows are kept until xterm.js writes to them, by whichever sequence.
import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { Screen } from '../../../src/recordings/screen.ts';

const esc = '\u001b';
const size = { cols: 20, rows: 6 };

test('nothing of a screen runs later, also after a resize, when xterm.js would tell how long it took', () => {
  jest.useFakeTimers();
  try {
    const screen = new Screen({ cols: 200, rows: 50 });
    screen.write(`${'x'.repeat(5_000)}${esc}[?1049h${'y'.repeat(5_000)}`);
    for (const cols of [20, 300, 10]) {
      screen.resize({ cols, rows: 50 });
      expect(jest.getTimerCount()).toBe(0);
    }
    screen.dispose();
  } finally {
    jest.useRealTimers();
  }
});

test('a full screen that becomes narrower and then higher is drawn on', () => {
  const screen = new Screen(size);
  screen.write(`${esc}#8`);
  for (const rows of [6, 7]) screen.resize({ cols: 7, rows });
  screen.write(`${esc}[?K${esc}[7;1Hthe end`);
  expect(screen.lines().at(-1)).toEqual({ row: 6, text: 'the end' });
  screen.dispose();
});

const small = fc.integer({ min: 0, max: 9 });
const text = fc.array(
  fc.constantFrom('a', 'b c', '漢', 'e\u0301\u0302', '\u0301', '😀', 'x'.repeat(25), '\r\n', '\b', '\t'),
  {
    maxLength: 6,
  },
);
/** Everything that changes cells: erase, insert, delete, scroll, repeat, wrap, insert mode, line drawing, the other screen, an alignment. */
const sequence = fc.oneof(
  text.map((parts) => parts.join('')),
  fc.tuple(small, small).map(([row, column]) => `${esc}[${row};${column * 3}H`),
  fc
    .tuple(small, fc.constantFrom(...Array.from('@ABCDEFGJKLMPSTXZIb`')))
    .map(([count, final]) => `${esc}[${count}${final}`),
  fc.tuple(small, small).map(([top, bottom]) => `${esc}[${top};${bottom}r`),
  fc.constantFrom(
    `${esc}[?1049h`,
    `${esc}[?1049l`,
    `${esc}[4h`,
    `${esc}[4l`,
    `${esc}[?7l`,
    `${esc}[?7h`,
    `${esc}(0`,
    `${esc}(B`,
  ),
  fc.constantFrom(
    `${esc}M`,
    `${esc}D`,
    `${esc}E`,
    `${esc}c`,
    `${esc}#8`,
    `${esc}[?J`,
    `${esc}[?K`,
    `${esc}[3J`,
    `${esc}[7m`,
    `${esc}[m`,
  ),
);
const resize = fc.tuple(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 9 }));

test('after any output, a screen that was looked at again and again shows what one shows that is looked at once', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 12, arbitrary: sequence }, resize), { maxLength: 60 }), (acts) => {
      const [often, once] = [new Screen(size), new Screen(size)];
      for (const act of acts) {
        for (const screen of [often, once])
          if (typeof act === 'string') screen.write(act);
          else screen.resize({ cols: act[0], rows: act[1] });
        often.lines();
      }
      expect(often.lines()).toEqual(once.lines());
      often.dispose();
      once.dispose();
    }),
    { numRuns: 300 },
  );
});

test('marks that come later join the character before them', () => {
  const screen = new Screen(size);
  const shown = ['e', '\u0301', '\u0302'].map((part) => {
    screen.write(part);
    return screen.lines()[0]?.text;
  });
  expect(shown).toEqual(['e', 'e\u0301', 'e\u0301\u0302']);
  screen.dispose();
});
