import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { recordTyped, type TypedRecorder } from '../../../src/gate/typed-recorder.ts';

let said: string[];
let asked: [number, readonly string[]][];
let typed: TypedRecorder;

beforeEach(() => {
  jest.useFakeTimers();
  [said, asked] = [[], []];
  typed = begin(true);
});
afterEach(() => void jest.useRealTimers());

function begin(utf8: boolean): TypedRecorder {
  return recordTyped({
    ...{ cols: 80, rows: 24, utf8, now: () => Date.now() },
    recorder: { input: (text) => said.push(text), marker: (label) => said.push(`<${label}>`) },
    look: (n, rows) => asked.push([n, rows]),
  });
}

/** Lets time pass; each look is answered. */
function pass(ms: number, is: 'raw' | 'hidden' = 'raw'): void {
  for (let spent = 0; spent < ms; spent += 10) {
    jest.advanceTimersByTime(10);
    const [n, rows] = asked.at(-1) ?? [0, []];
    typed.looked({ t: 'looked', n, ttys: [{ tty: 1, is }], prompts: rows.map(() => false) });
  }
}

test('keeps what is typed in a raw terminal, also a character in two pieces, and not what the terminal answers', () => {
  pass(500);
  typed.shown(Buffer.from('$ '));
  const [first, second] = [Buffer.from('größe').subarray(0, 3), Buffer.from('größe').subarray(3)];
  typed.typed(first);
  typed.typed(Buffer.from('\u001b[?62;22c'));
  typed.typed(second);
  pass(200);
  expect(said.join('')).toBe('größe');
  expect(asked.flatMap(([, rows]) => rows)).toEqual(['$ ']);
});

test('leaves out an answer that comes in one read with keys', () => {
  pass(500);
  typed.typed(Buffer.from('ls\u001b[>0;276;0c -l'));
  pass(200);
  expect(said.join('')).toBe('ls -l');
});

test('marks what is not kept and what is pasted', () => {
  pass(500, 'hidden');
  typed.typed(Buffer.from('hunter2\r'));
  pass(1000);
  typed.typed(Buffer.from('\u001b[200~x\u001b[201~'));
  pass(200);
  expect(said).toEqual(['<8 keys not kept: echo off>', '<pasted 1 character>', '\u001b[200~x\u001b[201~']);
});

test('without an answer in a second, it has not been looked', () => {
  typed.typed(Buffer.from('x'));
  jest.advanceTimersByTime(1100);
  jest.advanceTimersByTime(600);
  typed.looked({ t: 'looked', n: 1, ttys: [], prompts: [] }); // too late
  typed.finish();
  typed.shown(Buffer.from('y'));
  expect(said).toEqual(['<1 key not kept: the terminal could not be looked at>']);
  expect(asked.length).toBeGreaterThan(1);
});

test('a line that is typed ahead is looked for on the screen', () => {
  typed.resize(40, 10);
  typed.typed(Buffer.from('ls\r'));
  typed.shown(Buffer.from('$ ls\r\n'));
  typed.typed(Buffer.from('hunter2\r'));
  pass(1000);
  expect(said).toEqual(['ls\r', '<8 keys not kept: typed ahead and not shown>']);
});

test('a terminal that is not UTF-8 is read as Latin-1', () => {
  typed = begin(false);
  typed.shown(Buffer.from([0xe4]));
  pass(500);
  typed.typed(Buffer.from([0xf6]));
  pass(200);
  expect(said).toEqual(['ö']);
});
