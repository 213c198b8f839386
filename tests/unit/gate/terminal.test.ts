import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { EditLine } from '../../../src/gate/late-line-editor.ts';
import { editLine } from '../../../src/gate/line-editor.ts';
import { keyboardOn } from '../../../src/gate/terminal.ts';

const edit: EditLine = (prompt) => editLine(prompt, new PassThrough());

function terminal() {
  const modes: boolean[] = [];
  const source = Object.assign(new PassThrough(), {
    setRawMode: (raw: boolean) => {
      modes.push(raw);
    },
  });
  return { source, modes, keyboard: keyboardOn(source, true, edit) };
}

test('a line is what was typed after the prompt, up to its end', async () => {
  const { source, keyboard } = terminal();
  source.write('typed too early\n');
  await turn();
  const asked = keyboard.line(() => '> ');
  source.write('INC-1 ');
  await turn();
  source.write('look\nand more');
  expect(await asked).toBe('INC-1 look');
});

test('a line without an end does not grow for ever', async () => {
  const { source, keyboard } = terminal();
  const asked = keyboard.line(() => '> ');
  source.write('x'.repeat(10_000));
  await turn();
  source.end();
  expect(await asked).toBeUndefined();
});

test('a question that is dropped is answered by nobody, and leaves the next one alone', async () => {
  const { source, keyboard } = terminal();
  const dropped = keyboard.line(() => '> ');
  keyboard.drop();
  const asked = keyboard.line(() => '> ');
  source.write('INC-1\n');
  expect(await asked).toBe('INC-1');
  source.end();
  expect(await dropped).toBeUndefined();
});

test.each(['q', 'Q', '\u0003', '\u0004', 'xxq'])('%j cancels a wait', async (key) => {
  const { source, keyboard, modes } = terminal();
  let cancelled = 0;
  keyboard.listen(() => cancelled++);
  source.write(key);
  await turn();
  expect(cancelled).toBe(1);
  expect(modes).toEqual([true]);
});

test('after a wait the keys are for the next line again', async () => {
  const { source, keyboard, modes } = terminal();
  let cancelled = 0;
  keyboard.listen(() => cancelled++);
  keyboard.rest();
  const asked = keyboard.line(() => '> ');
  source.write('q\n');
  expect(await asked).toBe('q');
  expect(cancelled).toBe(0);
  expect(modes).toEqual([true, false, true, false]);
});

test('keys that mean nothing do nothing', async () => {
  const { source, keyboard } = terminal();
  let cancelled = 0;
  keyboard.listen(() => cancelled++);
  source.write('abc\u001b[A');
  await turn();
  expect(cancelled).toBe(0);
});

test('every byte is a key while keys are heard; then the line is typed again', async () => {
  const { source, keyboard, modes } = terminal();
  const heard: (string | undefined)[] = [];
  keyboard.keys((piece) => heard.push(piece === undefined ? undefined : Buffer.from(piece).toString()));
  source.write('q\n');
  await turn();
  keyboard.rest();
  const asked = keyboard.line(() => '> ');
  source.write('INC-1\n');
  expect(await asked).toBe('INC-1');
  keyboard.keys((piece) => heard.push(piece?.toString()));
  source.end();
  await turn();
  await turn();
  expect([heard, modes]).toEqual([
    ['q\n', undefined],
    [true, false, true, false, true],
  ]);
});

test('without a terminal nobody is asked, and the end of input cancels nothing', async () => {
  const source = new PassThrough();
  const keyboard = keyboardOn(source, false, edit);
  let cancelled = 0;
  keyboard.listen(() => cancelled++);
  source.end('q\n');
  expect(await keyboard.line(() => '> ')).toBeUndefined();
  keyboard.keys(() => cancelled++);
  keyboard.rest();
  expect(cancelled).toBe(0);
});

test('a stream that knows no raw mode is left as it is', () => {
  const keyboard = keyboardOn(new PassThrough(), true, edit);
  keyboard.listen(() => undefined);
  keyboard.keys(() => undefined);
  keyboard.rest();
});
