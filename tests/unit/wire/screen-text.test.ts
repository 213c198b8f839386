import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold, refusalLines, spinnerLine } from '../../../src/wire/screen-text.ts';
import { widthOf } from '../../../src/wire/width.ts';

const plain = { colour: false, utf8: false };
const full = { colour: true, utf8: true };

test('a refusal says what happened, its code, and what to do', () => {
  expect(refusalLines(plain, 'BUSY', 'Too many.', 'wait')).toEqual(['tmux-gate: Too many. [BUSY]', 'hint: wait']);
});

test('colour is sent only to a terminal that shows it, and is taken back on the same line', () => {
  expect(refusalLines(plain, 'BUSY', 'x', 'y').join('')).not.toContain('\u001b');
  for (const text of refusalLines(full, 'BUSY', 'x', 'y')) expect(text.lastIndexOf('\u001b[0m')).toBeGreaterThan(0);
});

test('a wait says for what, for how long, what is left, and how to stop', () => {
  expect(spinnerLine(plain, 'Waiting for bob', { tick: 0, waitedMs: 65_000, leftMs: 120_000 })).toBe(
    '| Waiting for bob (2m left). Press q to cancel.',
  );
  expect(spinnerLine(plain, 'Waiting', { tick: 6, waitedMs: 0, leftMs: undefined })).toBe(
    '- Waiting (0s). Press q to cancel.',
  );
});

test('the spinner turns for ever, in glyphs that the terminal has', () => {
  for (let tick = 0; tick < 50; tick++) {
    expect(spinnerLine(plain, 'x', { tick: tick, waitedMs: 0, leftMs: undefined })).toMatch(/^[|/\\-] x/);
    expect(spinnerLine({ ...plain, utf8: true }, 'x', { tick: tick, waitedMs: 0, leftMs: undefined })).toMatch(
      /^[⠀-⣿] x/,
    );
  }
});

test('a spinner never wraps: on a narrow terminal it says less', () => {
  const style = (columns: number) => ({ ...plain, columns });
  const draw = (columns: number): string =>
    spinnerLine(style(columns), 'Waiting for bob', { tick: 0, waitedMs: 5_000, leftMs: 60_000 });
  expect(draw(80)).toBe('| Waiting for bob (1m left). Press q to cancel.');
  expect(draw(40)).toBe('| Waiting (1m left). Press q to cancel.');
  expect(draw(30)).toBe('| Waiting for bob (1m left)');
  expect(draw(25)).toBe('| Waiting for (1m left)');
  expect(draw(15)).toBe('| Waiting for');
  fc.assert(
    fc.property(fc.integer({ min: 11, max: 300 }), fc.nat(), fc.option(fc.nat()), (columns, waited, left) => {
      expect(
        spinnerLine(style(columns), 'x'.repeat(60), { tick: 0, waitedMs: waited, leftMs: left ?? undefined }).length,
      ).toBeLessThan(columns);
    }),
  );
});

test('lines are folded at spaces, under where their text began', () => {
  expect(fold(['  Reason    INC-1 look at the slow queries'], 30)).toEqual([
    '  Reason    INC-1 look at the',
    '            slow queries',
  ]);
  expect(fold(['    indented words go on'], 16)).toEqual(['    indented', '    words go on']);
  expect(fold(['as long as it likes '.repeat(20)], undefined)).toHaveLength(1);
});

test('a link is never folded: it must be one piece to be copied', () => {
  const link = `https://id.example.com/device?user_code=${'X'.repeat(60)}`;
  expect(fold([`  Open  ${link}`], 40)).toEqual([`  Open  ${link}`]);
  expect(fold([`see ${link} now`], 40)).toEqual(['see', link, 'now']);
});

test('colour takes no room', () => {
  const [first] = refusalLines(full, 'BUSY', 'x', 'y') as [string];
  expect(fold([first], 'tmux-gate: x [BUSY]'.length)).toEqual([first]);
  const painted = '\u001b[36mdo:\u001b[0m';
  expect(fold([`${painted}  this or that`], 13)).toEqual([`${painted}  this or`, '     that']);
});

test('folding loses no word and fits the terminal, but for words that are longer than it', () => {
  const text = fc.array(fc.stringMatching(/^[!-~]{1,20}$/), { minLength: 1 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 60 }), (line, columns) => {
      const folded = fold([line], columns);
      expect(folded.join(' ')).toBe(line);
      for (const one of folded) expect(one.length <= columns || !one.includes(' ')).toBe(true);
    }),
  );
});

describe('text of wide characters is counted in columns', () => {
  const japanese = '\u672c\u756a\u306e\u9045\u3044\u554f\u3044\u5408\u308f\u305b\u3092\u8abf\u3079\u308b'.repeat(5);

  test('a reason without a space is folded to the terminal, and loses nothing', () => {
    const folded = fold([`  Reason    ${japanese}`], 80);
    expect(folded.length).toBeGreaterThan(1);
    for (const one of folded) expect(widthOf(one)).toBeLessThanOrEqual(80);
    expect(folded.map((one) => one.trim()).join('')).toBe(`Reason    ${japanese}`);
  });

  test('words of it are folded at spaces where there are some, and a link stays one piece', () => {
    expect(fold(['\u672c\u756a \u672c\u756a'], 8)).toEqual(['\u672c\u756a', '\u672c\u756a']);
    const link = `https://example.com/${japanese}`;
    expect(fold([`see ${link}`], 40)).toEqual(['see', link]);
  });

  test('a spinner never wraps', () => {
    for (let columns = 12; columns < 100; columns++)
      expect(
        widthOf(spinnerLine({ ...plain, columns }, japanese, { tick: 0, waitedMs: 5_000, leftMs: 60_000 })),
      ).toBeLessThan(columns);
  });
});
