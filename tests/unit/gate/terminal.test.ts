import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { EditLine } from '../../../src/gate/late-line-editor.ts';
import { editLine, editorAt } from '../../../src/gate/line-editor.ts';
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

describe('without a terminal', () => {
  const address = 'http://127.0.0.1:8400/?code=c&state=s';
  const piped = () => {
    const source = new PassThrough();
    return { source, keyboard: keyboardOn(source, false, editorAt(undefined, false)) };
  };
  const prompt = (): string => '> ';

  test('what a sign-in asks is read, a line each', async () => {
    const { source, keyboard } = piped();
    const choice = keyboard.line(prompt, 'choice');
    source.write('2\n');
    expect(await choice).toBe('2');
    const pasted = keyboard.line(prompt, 'paste');
    source.write(`${address.slice(0, 20)}\n`);
    source.write(`${address.slice(20)}\n`);
    expect(await pasted).toBe(address);
    keyboard.drop();
    source.write('nobody hears this\n');
    expect(await keyboard.line(prompt)).toBeUndefined();
  });

  test('at the end of input a choice is the usual one, and an address is none', async () => {
    const { source, keyboard } = piped();
    source.end();
    expect(await keyboard.line(prompt, 'choice')).toBe('');
    expect(await keyboard.line(prompt, 'paste')).toBeUndefined();
    expect(await keyboard.line(prompt, 'choice')).toBe('');
  });

  test('an address without a line end is taken at the end of input', async () => {
    const { source, keyboard } = piped();
    source.end(address);
    expect(await keyboard.line(prompt, 'paste')).toBe(address);
  });

  test('nothing was asked yet: there is nothing to drop', () => {
    piped().keyboard.drop();
  });
});

test('on a terminal, an address is read without an echo, and any other line with one', async () => {
  const output = new PassThrough();
  let shown = '';
  output.on('data', (piece: Buffer) => (shown += piece.toString()));
  const source = new PassThrough();
  const keyboard = keyboardOn(source, true, editorAt(output, true));
  const pasted = keyboard.line(() => '> ', 'paste');
  source.write('http://127.0.0.1:8400/?code=c0de\r');
  expect(await pasted).toBe('http://127.0.0.1:8400/?code=c0de');
  const line = keyboard.line(() => '> ', 'choice');
  source.write('two\r');
  expect(await line).toBe('two');
  await turn();
  expect(shown).toBe('32 characters\r\ntwo\r\n');
});

test('a stream that knows no raw mode is left as it is', () => {
  const keyboard = keyboardOn(new PassThrough(), true, edit);
  keyboard.listen(() => undefined);
  keyboard.keys(() => undefined);
  keyboard.rest();
});
