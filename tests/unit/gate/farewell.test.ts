import { afterAll, expect, test } from '@jest/globals';
import { Terminal } from '@xterm/headless';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeFileSync, readFileSync } from 'node:fs';
import { lastWordOn, putRight } from '../../../src/gate/farewell.ts';
import { temporary } from './folder.ts';

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());

let pipes = 0;
/** A terminal that takes bytes until it is full, and its far end. */
function pipe(): { readonly path: string; readonly far: number } {
  const path = `${folder.path}/pipe${++pipes}`;
  execFileSync('mkfifo', [path]);
  return { path, far: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

function drain(far: number): number {
  const buffer = Buffer.alloc(1 << 20);
  return readSync(far, buffer, 0, buffer.length, null);
}

test('the terminal is put right first, then the lines are said', async () => {
  const path = `${folder.path}/tty`;
  writeFileSync(path, '');
  await lastWordOn(path).say(['one', 'two']);
  expect(readFileSync(path, 'utf8')).toBe(`${putRight}one\r\ntwo\r\n`);
});

test('whatever the session left on is off again, even in the middle of a sequence', async () => {
  const terminal = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  const write = (text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve));
  await write(
    'shell\r\n\u001b[?1049h\u001b[?1002h\u001b[?2004h\u001b[?1h\u001b[?25l\u001b[31mfull screen\u001b]2;half a title',
  );
  expect(terminal.buffer.active.type).toBe('alternate');
  await write(`${putRight}tmux-gate: expired\r\n`);
  expect(terminal.buffer.active.type).toBe('normal');
  expect(terminal.modes).toMatchObject({
    mouseTrackingMode: 'none',
    bracketedPasteMode: false,
    applicationCursorKeysMode: false,
    wraparoundMode: true,
  });
  const shown = Array.from({ length: 4 }, (_, n) => terminal.buffer.active.getLine(n)?.translateToString(true));
  expect(shown).toContain('tmux-gate: expired');
});

test('nothing of it makes a terminal answer, which the shell would take for typed', async () => {
  const terminal = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  const answers: string[] = [];
  terminal.onData((answer) => answers.push(answer));
  await new Promise<void>((resolve) => terminal.write(putRight, resolve));
  expect(answers).toEqual([]);
  await new Promise<void>((resolve) => terminal.write('\u001b[c', resolve));
  expect(answers).toHaveLength(1);
});

test('a tab stops every eight columns again', async () => {
  const terminal = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(`\u001b[3g\u001b[5C\u001bH\r${putRight}\ta\tb\r\n`, resolve));
  expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe(`${' '.repeat(8)}a${' '.repeat(7)}b`);
});

test.each([
  ['a session', ''],
  ['one that left margins and origin on', '\u001b[?69h\u001b[3;5r\u001b[?6h'],
])('of %s the last lines come below what was on the screen before, and cover none of it', async (_, left) => {
  const terminal = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  await new Promise<void>((resolve) =>
    terminal.write(`shell\r\nanswer\r\n\u001b[?1049h\u001b[Hinside${left}${putRight}over\r\n`, resolve),
  );
  const shown = Array.from({ length: 4 }, (_none, n) => terminal.buffer.active.getLine(n)?.translateToString(true));
  expect(shown).toEqual(['shell', 'answer', 'over', '']);
});

test('law 4: a terminal that takes no bytes keeps nobody waiting for more than half a second', async () => {
  const { path, far } = pipe();
  const filler = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  execFileSync('dd', ['if=/dev/zero', 'bs=64k', 'count=1', 'status=none'], { stdio: ['ignore', filler, 'ignore'] });
  const began = performance.now();
  await lastWordOn(path).say(['never read']);
  expect(performance.now() - began).toBeLessThan(10_000);
  closeSync(filler);
  closeSync(far);
});

test('a terminal that takes bytes again in time gets them all', async () => {
  const { path, far } = pipe();
  const filler = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  execFileSync('dd', ['if=/dev/zero', 'bs=64k', 'count=1', 'status=none'], { stdio: ['ignore', filler, 'ignore'] });
  const said = lastWordOn(path).say(['late']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(drain(far)).toBe(65_536);
  await said;
  expect(drain(far)).toBe(Buffer.byteLength(`${putRight}late\r\n`));
  closeSync(filler);
  closeSync(far);
});

test('a terminal that is gone ends nothing but the words', async () => {
  const { path, far } = pipe();
  const last = lastWordOn(path);
  closeSync(far);
  await last.say(['nobody']);
});
