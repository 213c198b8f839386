import { describe, expect, test } from '@jest/globals';
import { settledRows, type Row, type RowEvent } from '../../../src/recordings/rows.ts';

const esc = '\u001b';

async function* events(given: readonly (readonly [number, string, string?])[]): AsyncGenerator<RowEvent> {
  for (const [at, data, code = 'o'] of given) yield await Promise.resolve({ at, code, data });
}

async function rowsOf(
  given: readonly (readonly [number, string, string?])[],
  { width = 20, height = 5 } = {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const { at, text, screen } of settledRows({ width, height }, events(given)))
    rows.push({ at, text, screen });
  return rows;
}

const texts = (rows: readonly Row[]): readonly string[] => rows.map(({ text }) => text);

const times = (count: number): readonly string[] => Array.from({ length: count }, () => 'x');

describe('the rows of a recording', () => {
  test('a line typed key by key is one row, from when it was whole', async () => {
    const keys = Array.from('$ select 1;').map((key, at) => [at * 0.2, key] as const);
    expect(await rowsOf([...keys, [5, '\r\n1 row\r\n']])).toEqual([
      { at: 2, text: '$ select 1;', screen: 'main' },
      { at: 5, text: '1 row', screen: 'main' },
    ]);
  });

  test('a text that stood for a second before it grew is a row of its own', async () => {
    expect(
      await rowsOf([
        [0, 'Downloading'],
        [3, ' done'],
      ]),
    ).toEqual([
      { at: 0, text: 'Downloading', screen: 'main' },
      { at: 3, text: 'Downloading done', screen: 'main' },
    ]);
  });

  test('cells that are updated here and there make whole texts', async () => {
    const updates = [
      [0, `${esc}[3;1Hpassword`],
      [0.01, `${esc}[3;12Hchanged`],
      [0.02, `${esc}[3;9H\u0020is`],
    ] as const;
    expect(texts(await rowsOf(updates))).toEqual(['password ischanged']);
  });

  test('what scrolls off faster than anybody looks is there, once and in its order', async () => {
    const lines = Array.from({ length: 300 }, (_, n) => `line-${n}`);
    const feeds = lines.map((text) => `${text}\r\n`).join('');
    expect(texts(await rowsOf([[0, feeds]]))).toEqual(lines);
  });

  test('so it is in a scroll region, by CSI S as tmux scrolls, and on the alternate screen', async () => {
    const lines = Array.from({ length: 100 }, (_, n) => `line-${n}`);
    const scrolled = lines.map((text) => `${esc}[S${esc}[4;1H${text}`).join('');
    const rows = await rowsOf([
      [0, `${esc}[?1049h${esc}[5;1Hstatus${esc}[1;4r${scrolled}`],
      [1, `${esc}[?1049l`],
    ]);
    expect(texts(rows).filter((text) => text !== 'status')).toEqual(lines);
    expect(texts(rows)).toContain('status');
    expect(new Set(rows.map(({ screen }) => screen))).toEqual(new Set(['alternate']));
  });

  test.each([
    ['CSI M deletes', `${esc}[1;1H${esc}[5M`],
    ['CSI L inserts', `${esc}[1;1H${esc}[5L`],
    ['CSI T scrolls down', `${esc}[5T`],
    ['CSI 2 J erases', `${esc}[2J`],
    ['CSI J erases', `${esc}[1;1H${esc}[J`],
    ['CSI 1 J erases', `${esc}[5;1H${esc}[1J`],
    ['RI scrolls down', `${esc}[1;1H${`${esc}M`.repeat(5)}`],
    ['RIS resets', `${esc}c`],
    ['another screen hides', `${esc}[?47h`],
  ])('what %s at once, in the same event, is there', async (_, sequence) => {
    expect(texts(await rowsOf([[0, `one\r\ntwo\r\nthree${sequence}`]])).toSorted()).toEqual(['one', 'three', 'two']);
  });

  test('alike rows are as many as stood there', async () => {
    expect(texts(await rowsOf([[0, 'y\r\ny\r\ny\r\n'.repeat(4)]]))).toEqual(Array.from({ length: 12 }, () => 'y'));
  });

  test('a wrapped text is joined, also when it leaves row by row', async () => {
    const long = `begin${'-'.repeat(40)}end`;
    expect(texts(await rowsOf([[0, long]]))).toEqual([long]);
    expect(texts(await rowsOf([[0, `${long}\r\n${'x\r\n'.repeat(6)}`]]))).toEqual([long, ...times(6)]);
    expect(
      texts(
        await rowsOf([
          [0, long],
          [2, `\r\nx\r\nx\r\n`],
          [4, 'x\r\n'],
          [6, 'x'],
        ]),
      ),
    ).toEqual([long, ...times(4)]);
  });

  test('a text that is longer than the screen is found around each end of a row', async () => {
    const long = Array.from({ length: 60 }, (_, n) => `w${n}`).join(' ');
    const rows = texts(
      await rowsOf([
        [0, long],
        [2, `\r\n${'x\r\n'.repeat(8)}`],
      ]),
    );
    for (let at = 0; at + 12 <= long.length; at++)
      expect(rows.some((text) => text.includes(long.slice(at, at + 12)))).toBe(true);
  });

  test('a wide character that does not fit at the end of a row leaves no gap', async () => {
    const wide = `a${'漢字'.repeat(10)}尾`;
    expect(texts(await rowsOf([[0, wide]]))).toEqual([wide]);
  });

  test('rows over which others were written are not joined', async () => {
    const rows = await rowsOf([
      [0, 'w'.repeat(30)],
      [2, `${esc}[1;1H${esc}[2Kshort${esc}[2;1Hother${esc}[K`],
    ]);
    expect(texts(rows)).toEqual(['w'.repeat(30), 'short', 'other']);
  });

  test('before and after a change of the size', async () => {
    const rows = await rowsOf([
      [0, `${esc}[?1049h${esc}[1;12Hto be cut`],
      [0.01, '10x5', 'r'],
      [0.02, `${esc}[2;1Hnarrow`],
      [0.5, 'bad', 'r'],
    ]);
    expect(texts(rows)).toEqual(expect.arrayContaining(['           to be cut', 'narrow']));
  });

  test('input and markers are no rows', async () => {
    expect(
      await rowsOf([
        [0, 'typed', 'i'],
        [1, 'mark', 'm'],
      ]),
    ).toEqual([]);
  });

  test('a repetition for hours is bounded by the screen', async () => {
    const most = 2_147_483_647;
    const acts = ['S', 'T', 'L', 'M', 'I', 'Z', 'b'].map((final) => `text${esc}[${most}${final}`).join('');
    expect(texts(await rowsOf([[0, acts]])).join()).toContain('text');
  });

  test('a size that nobody has is bounded', async () => {
    const rows = await rowsOf(
      [
        [0, 'seen'],
        [1, '99999x99999', 'r'],
        [2, '\r\nstill'],
        [3, '0x0', 'r'],
      ],
      { width: NaN, height: 1e9 },
    );
    expect(texts(rows).join('')).toContain('still');
  });
});
