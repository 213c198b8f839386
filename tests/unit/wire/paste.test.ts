// How an address gets from a terminal or a pipe to an answer (src/wire/paste.ts, src/wire/paste-prompt.ts).
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { takePaste } from '../../../src/wire/paste-prompt.ts';
import { pasteLimit, pasteReader, settleMs, type PasteReader } from '../../../src/wire/paste.ts';

const address = 'http://127.0.0.1:8400/?code=c0de&state=st4te';
const [begin, end] = ['\u001b[200~', '\u001b[201~'];

const bytes = (text: string): Uint8Array => Buffer.from(text);

function readerOf(...pieces: readonly string[]): { reader: PasteReader; state: string } {
  const reader = pasteReader();
  const states = pieces.map((piece) => reader.take(bytes(piece)));
  return { reader, state: states.at(-1) ?? 'none' };
}

test.each([
  ['in one piece', [`${address}\r`]],
  ['byte by byte', Array.from(`${address}\n`)],
  ['as a bracketed paste', [`${begin}${address}${end}\r`]],
  ['as a bracketed paste of several lines', [`${begin}${address.slice(0, 20)}\r\n${address.slice(20)}\n${end}\r`]],
  ['wrapped by the terminal', [`${address.slice(0, 20)}\r`, `${address.slice(20)}\r`]],
  ['with keys that move a cursor', [`\u001b[D\u001bOA\u001b[1;5C\u001bx${address}\u001b[H\r`]],
  ['corrected', [`wrong\u0015${address}xy\u007f\b\r`]],
  ['with bytes that no address has', [`\u00e9\u0000${address}\t\u009b\r`]],
])('an address %s', (_, pieces) => {
  const { reader, state } = readerOf(...pieces);
  expect([reader.text, state]).toEqual([address, 'ended']);
});

test('the marks of a bracketed paste may come in pieces, and a line end within them does not end the text', () => {
  const { reader, state } = readerOf('\u001b', '[20', `0~${address}\r`, 'more');
  expect([reader.text, state]).toEqual([`${address}more`, 'more']);
});

test.each([
  ['Ctrl-C', 'abc\u0003'],
  ['Ctrl-C in a paste', `${begin}abc\u0003`],
  ['Ctrl-D before any text', '\u0004'],
])('%s leaves, and nothing is heard after it', (_, keys) => {
  const { state } = readerOf(keys, 'more\r');
  expect(state).toBe('left');
});

test('Ctrl-D behind a text does nothing', () => {
  expect(readerOf('abc\u0004').state).toBe('more');
});

test('rule 1: a paste without an end does not grow for ever, and a control sequence neither', () => {
  const { reader } = readerOf(`\u001b[${'0'.repeat(99_999)}m`, ...Array.from({ length: 20 }, () => 'x'.repeat(1000)));
  expect(reader.text).toHaveLength(pasteLimit);
});

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function prompt(plain = false) {
  let screen = '';
  const output = { write: (text: string) => (screen += text) };
  const asked = takePaste('  Address: ', { output, plain });
  return { asked, screen: () => screen, take: (text: string) => asked.take(bytes(text)) };
}

test('the prompt shows how much was pasted, and never what', async () => {
  const { asked, screen, take } = prompt();
  take(address);
  take('\r');
  jest.advanceTimersByTime(settleMs);
  expect(await asked.line).toBe(address);
  expect(screen()).toContain(`  Address: ${address.length} characters`);
  expect(screen()).not.toContain('c0de');
  expect(screen().startsWith('\u001b[?2004h')).toBe(true);
  expect(screen().endsWith('\u001b[?2004l\r\n')).toBe(true);
});

test('a line end ends it only when nothing comes behind it', async () => {
  const { asked, take } = prompt();
  take(`${address.slice(0, 30)}\r`);
  jest.advanceTimersByTime(settleMs - 1);
  take(`${address.slice(30)}\r`);
  jest.advanceTimersByTime(settleMs);
  expect(await asked.line).toBe(address);
});

test('a plain screen is sent no control sequence, and the count once', async () => {
  const { asked, screen, take } = prompt(true);
  take(`${address}\r`);
  jest.advanceTimersByTime(settleMs);
  await asked.line;
  expect(screen()).toBe(`${address.length} characters\r\n`);
});

test('without a terminal nothing is written', async () => {
  const asked = takePaste('', { output: undefined, plain: false });
  asked.take(bytes(`${address}\n`));
  jest.advanceTimersByTime(settleMs);
  expect(await asked.line).toBe(address);
});

test('who leaves gives no text', async () => {
  const { asked, screen, take } = prompt();
  take('abc\u0003');
  expect(await asked.line).toBeUndefined();
  expect(screen()).toContain('\u001b[?2004l');
});

test('once it is dropped, the terminal is as before and nothing is heard', () => {
  const { asked, screen, take } = prompt();
  take('\r');
  asked.drop();
  const before = screen();
  take(`${address}\r`);
  jest.advanceTimersByTime(settleMs);
  asked.drop();
  expect(screen()).toBe(before);
  expect(before.endsWith('\u001b[?2004l')).toBe(true);
});
