import { describe, expect, test } from '@jest/globals';
import { typedLines, type TypedEvent, type TypedLine } from '../../../src/recordings/typed.ts';

const esc = '\u001b';

async function* events(given: readonly (readonly [number, string, string?])[]): AsyncGenerator<TypedEvent> {
  for (const [at, data, code = 'i'] of given) yield await Promise.resolve({ at, code, data });
}

async function linesOf(...given: readonly (readonly [number, string, string?])[]): Promise<readonly TypedLine[]> {
  const lines: TypedLine[] = [];
  for await (const line of typedLines(events(given))) lines.push(line);
  return lines;
}

const readable = async (...given: readonly string[]): Promise<readonly string[]> =>
  (await linesOf(...given.map((data, at) => [at * 0.1, data] as const))).map(({ text }) => text);

describe('what a person typed', () => {
  test('is a line up to Enter, with the times of its first and last key', async () => {
    expect(await linesOf([1, 'l'], [1.5, 's'], [2, 'output', 'o'], [2.5, '\r'], [3, 'exit\r'])).toEqual([
      { at: 1, until: 2.5, text: 'ls', raw: 'ls\r' },
      { at: 3, until: 3, text: 'exit', raw: 'exit\r' },
    ]);
  });

  test('leaves out what was erased again, and keeps it in the raw text', async () => {
    expect(await linesOf([0, 'lz\u007fs  foo bar\u0017baz\r'])).toEqual([
      { at: 0, until: 0, text: 'ls  foo baz', raw: 'lz\u007fs  foo bar\u0017baz\r' },
    ]);
    expect(await readable('secret\u0015ls\r', '\u0015\r', '\u0008a\r')).toEqual(['ls', 'a']);
  });

  test('erases a character of two units whole', async () => {
    expect(await readable('a😀\u007fb\r')).toEqual(['ab']);
  });

  test('names the keys that have no character', async () => {
    expect(
      await readable(`${esc}[A`, `${esc}OB${esc}[1;5C\t`, `${esc}[3~${esc}[15~${esc}b\u0012${esc}[99~${esc}\t\r`),
    ).toEqual(['<Up><Down><C-Right><Tab><Delete><F5><M-b>^R<key><M-Tab>']);
    expect(await readable(`${esc}[D\u007f\r`, 'sleep 9\u0003', 'cat\r', '\u0004', `${esc}[1;8A\n`)).toEqual([
      '<Left><Backspace>',
      'sleep 9^C',
      'cat',
      '^D',
      '<C-M-S-Up>',
    ]);
  });

  test('a sequence in two pieces is one key, and an ESC that waits is the key Esc', async () => {
    expect(await linesOf([0, `${esc}[`], [0.01, 'A\r'], [1, esc], [2, ':wq\r'], [3, `${esc}[1`])).toMatchObject([
      { text: '<Up>' },
      { text: '<Esc>:wq', at: 1 },
      { text: '<Esc>[1', at: 3 },
    ]);
  });

  test.each([
    ['a paste', `${esc}[200~select 1;${esc}[201~\r`],
    ['the answer to a question for the type', `${esc}[?1;2c${esc}[>0;276;0cselect 1;\r`],
    [
      'the place of the cursor, a colour and a setting',
      `${esc}[24;80R${esc}]11;rgb:00/00/00${esc}\\${esc}P1$r0m${esc}\\select 1;\r`,
    ],
    ['focus and mouse', `${esc}[I${esc}[<0;10;10M${esc}[<0;10;10m${esc}[Oselect 1;\r`],
  ])('%s leaves nothing but what was typed', async (_, data) => {
    expect(await readable(data)).toEqual(['select 1;']);
  });

  test('a key long after the one before begins a line of its own, and a line without end is given in pieces', async () => {
    expect((await linesOf([0, 'q'], [100, 'ls\r'])).map(({ text }) => text)).toEqual(['q', 'ls']);
    expect((await readable('x'.repeat(5000))).map(({ length }) => length)).toEqual([4096, 904]);
  });
});
