import { expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setImmediate as soon } from 'node:timers/promises';
import { lateLineEditor, type LineEditor } from '../../../src/gate/late-line-editor.ts';
import { editLine } from '../../../src/gate/line-editor.ts';

interface Prompt {
  readonly editor: LineEditor;
  readonly output: PassThrough;
  readonly shown: () => string;
}

function prompt(): Prompt {
  const output = new PassThrough();
  let text = '';
  output.on('data', (piece: Buffer) => (text += piece.toString()));
  // As the gate has it: typed before it is loaded.
  const edit = lateLineEditor(async () => Promise.resolve((asked) => editLine(asked, output)));
  return { editor: edit('  Reason: '), output, shown: () => text };
}

/** Whatever was given to a stream has come through it. */
const turn = async (): Promise<void> => {
  for (let n = 0; n < 3; n++) await soon();
};

const type = (editor: LineEditor, ...keys: readonly string[]): void =>
  keys.forEach((key) => editor.take(Buffer.from(key)));

const [left, home, kill, back] = ['\u001b[D', '\u001b[H', '\u0015', '\u007f'];

test.each([
  ['as typed', ['INC-1 look\r'], 'INC-1 look'],
  ['by a line feed too', ['INC-1\n'], 'INC-1'],
  ['what comes behind it is nobody’s answer', ['one\rtwo\r'], 'one'],
  ['arrows move', ['INC-1 lok', left, 'o\r'], 'INC-1 look'],
  ['to the start', ['NC-1', home, 'I\r'], 'INC-1'],
  ['corrected', ['wrong', kill, 'INC-12', back, '\r'], 'INC-1'],
  ['Ctrl-Z, Ctrl-S, Ctrl-Q and Ctrl-\\ lose nothing', ['INC', '\u001a', '\u0013', '\u0011', '\u001c', '-1\r'], 'INC-1'],
  ['split UTF-8', ['caf\u00e9 \u65e5\u672c\r'], 'caf\u00e9 \u65e5\u672c'],
])('a line, %s', async (_, keys, line) => {
  const { editor } = prompt();
  for (const byte of Buffer.from(keys.join(''))) editor.take(Buffer.of(byte));
  expect(await editor.line).toBe(line);
});

test('what is typed is shown, and nothing is written before that', async () => {
  const { editor, shown } = prompt();
  type(editor, 'INC-1\r');
  await editor.line;
  expect(shown()).toBe('INC-1\r\n');
});

test.each([
  ['Ctrl-C', 'INC-1\u0003'],
  ['Ctrl-D on an empty line', '\u0004'],
])('%s leaves', async (_, keys) => {
  const { editor } = prompt();
  type(editor, keys);
  expect(await editor.line).toBeUndefined();
});

test('rule 1: a paste without an end is cut; Enter, correcting and leaving are heard all the same', async () => {
  const pasted = (): LineEditor => {
    const { editor } = prompt();
    for (let n = 0; n < 100; n++) editor.take(Buffer.alloc(1000, 'x'));
    return editor;
  };
  const [sent, corrected, left_] = [pasted(), pasted(), pasted()];
  type(sent, '\r');
  expect(await sent.line).toBe('x'.repeat(4096));
  type(corrected, back, '\r');
  expect(await corrected.line).toBe('x'.repeat(4095));
  type(left_, '\u0003');
  expect(await left_.line).toBeUndefined();
});

test('once it is dropped nothing is heard or shown any more', async () => {
  const { editor, shown } = prompt();
  type(editor, 'INC');
  editor.drop();
  type(editor, '-1\r');
  const first = await Promise.race([editor.line, turn().then(() => 'open')]);
  expect([first, shown()]).toEqual(['open', '']);
});

test('neither a line that was sent nor one that was dropped is drawn again when the terminal gets another size', async () => {
  const [sent, dropped] = [prompt(), prompt()];
  type(sent.editor, 'INC-1\r');
  await sent.editor.line;
  type(dropped.editor, 'INC');
  await turn();
  dropped.editor.drop();
  for (const { output } of [sent, dropped]) output.emit('resize');
  await turn();
  expect([sent.shown(), dropped.shown()]).toEqual(['INC-1\r\n', 'INC']);
});
