import { describe, expect, test } from '@jest/globals';
import { Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { outputFilterFor } from '../../../src/gate/output-filter.ts';

/** What comes through, of pieces that arrive one after another; as the bytes that they are. */
function through(pieces: readonly string[], utf8 = true): string {
  const sieve = outputFilterFor(utf8);
  return Buffer.concat(pieces.map((piece) => sieve(Buffer.from(piece, 'latin1')))).toString('latin1');
}

const latin = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('passes unchanged', () => {
  test.each([
    ['text, and what a shell prints', latin('plain\r\n\ttext \u00e9\u00a0\u4e16 \ud83d\ude00\u0007\b')],
    [
      'what tmux asks of a terminal',
      '\u001b[c\u001b[>c\u001b[>q\u001b[6n\u001b[18t\u001b]10;?\u001b\\\u001b]11;?\u0007',
    ],
    [
      'what tmux draws with',
      '\u001b[?1049h\u001b[H\u001b[2J\u001b[38;2;1;2;3m\u001b[4:3mx\u001b(0qq\u001b(B\u001b[m\u001b7\u001b8\u001bM\u001b=\u001b>\u001b[?25l',
    ],
    ['titles', latin('\u001b]2;prod-db \u00e9\u0007\u001b]0;x\u001b\\')],
    [
      'colours and links',
      '\u001b]4;1;rgb:ff/00/00\u001b\\\u001b]104\u0007\u001b]112\u001b\\\u001b]8;;https://example.com\u001b\\x\u001b]8;;\u001b\\\u001b[2 q',
    ],
  ])('%s', (_, text) => {
    expect(through([text])).toBe(text);
    expect(through(Array.from(text))).toBe(text);
  });
});

describe('does not pass', () => {
  test.each([
    ['the clipboard', '\u001b]52;c;ZXZpbA==\u0007'],
    ['the clipboard, with the other end', '\u001b]52;c;ZXZpbA==\u001b\\'],
    ['the clipboard, under another number', '\u001b]052;c;ZXZpbA==\u0007\u001b];52;c;x\u0007'],
    [
      'files and notices of one terminal alone',
      '\u001b]1337;File=name=eA==;inline=0:eA==\u0007\u001b]9;note\u0007\u001b]777;notify;a;b\u0007\u001b]7;file:///\u0007',
    ],
    ['DCS, SOS, PM, APC', '\u001bP$q"p\u001b\\\u001bX;x\u001b\\\u001b^x\u001b\\\u001b_Gf=1;x\u001b\\\u001bP1;x\u0007'],
    ['the title of screen', '\u001bkevil\u001b\\'],
    ["the gate's stack of titles", '\u001b[22;2t\u001b[23t\u001b[22;0;0t'],
    ['its own title, given back as if it were typed', '\u001b[21t\u001b[20t\u001b[021;1t'],
    ['a printer', '\u001b[5i\u001b[?5i\u001b[i'],
    ['a switch away from UTF-8', '\u001b%@'],
    ['ENQ', '\u0005'],
    ['a string that is taken back', '\u001b]2;half\u0018\u001b]2;half\u001a\u001bPx\u0018'],
    ['a sequence that is taken back', '\u001b[3\u0018\u001b(\u001a'],
    ['a title with controls in it', '\u001b]2;a\u0008b\u0007\u001b]2;a\nb\u0007\u001b]2;a\u007fb\u001b\\'],
    ['C1 controls as UTF-8', '\u00c2\u009b\u00c2\u0090\u00c2\u0080\u00c2\u009f'],
    ['a title that C1 ends', '\u001b]2;a\u00c2\u009cb\u0007'],
    ['what never ends', '\u001b]2;for ever'],
    [
      'what is too long',
      `\u001b]2;${'x'.repeat(5000)}\u0007\u001b]2;${'x'.repeat(4091)}\u001b\\\u001bP${'x'.repeat(9000)}\u001b\\`,
    ],
  ])('%s', (_, text) => {
    expect(through([text])).toBe('');
    expect(through(Array.from(text))).toBe('');
  });

  test('C1 controls that are one byte, where the terminal reads no UTF-8', () => {
    expect(through(['a\u009bb\u009d52;c;x\u0007\u00e9'], false)).toBe('ab52;c;x\u0007\u00e9');
    expect(through(['\u001b]2;a\u009cb\u0007'], false)).toBe('');
    expect(through(['\u00c2\u00a0'], false)).toBe('\u00c2\u00a0');
  });
});

test('what interrupts a sequence is looked at anew', () => {
  expect(through(['\u001b[3\u001b[1mx\u001b]2;lost\u001b[4mtext'])).toBe('\u001b[1mx\u001b[4mtext');
  expect(through(['\u001b[3\r\n\u001b\u001b7\u00c2\u001b[m'])).toBe('\r\n\u001b7\u001b[m');
  expect(through(['\u001b]52;c;\u001b]2;t\u0007'])).toBe('\u001b]2;t\u0007');
  expect(through([`\u001b[1${latin('\u00e9')}`])).toBe(latin('\u00e9'));
});

test('what is dropped leaves nothing that the next byte could complete', () => {
  expect(through(['\u00c2\u001b]52;c;x\u0007\u009d52;c;x\u0007'])).not.toContain('\u00c2');
});

test('a sequence that is as long as may be passes, and of a longer one the rest is text', () => {
  expect(through([`\u001b[${'1;'.repeat(2048)}`])).toBe(';');
  const title = `\u001b]2;${'x'.repeat(4096 - 6)}\u001b\\`;
  expect(through([title])).toBe(title);
});

/** Pieces of sequences, whole ones, and any bytes. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\u001b]',
      '\u001b[',
      '\u001bP',
      '\u001b',
      '\u001b\\',
      '\u0007',
      '52;c;eA==',
      '2;t',
      '1337;x',
      '21t',
      ';',
      '\u00c2',
      '\u009d',
      '\u009b',
      '\u009c',
      '\u0018',
      'm',
      'text',
    ),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 6 }),
  ),
  { maxLength: 30 },
);

test('however it is cut, the same comes through, and going through again changes nothing', () => {
  fc.assert(
    fc.property(pieces, fc.boolean(), (said, utf8) => {
      const once = through([said.join('')], utf8);
      expect(through(said, utf8)).toBe(once);
      expect(through(Array.from(said.join('')), utf8)).toBe(once);
      expect(through([once], utf8)).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});

test('a terminal that hears it is told nothing but titles, colours and links', async () => {
  const heard: string[] = [];
  const terminal = new Terminal({ allowProposedApi: true, logLevel: 'off' });
  const note = (what: string) => (): boolean => (heard.push(what), true);
  for (const number of [5, 7, 9, 50, 52, 133, 777, 1337])
    terminal.parser.registerOscHandler(number, note(`OSC ${number}`));
  for (const final of ['q', 'p', 't', 'm', 'x']) terminal.parser.registerDcsHandler({ final }, note(`DCS ${final}`));
  terminal.parser.registerCsiHandler({ final: 'i' }, note('print'));
  await fc.assert(
    fc.asyncProperty(pieces, async (said) => {
      const bytes = Buffer.from(through(said), 'latin1');
      await new Promise<void>((resolve) => terminal.write(bytes, resolve));
      expect(heard).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

describe('law 9: no piece ends within a character', () => {
  const text = 'a\u00e9\u4e16\ud83d\ude00z';

  test('however the session cuts it, so that a title or a bell stands between whole ones', () => {
    const whole = new TextDecoder('utf-8', { fatal: true });
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const sieve = outputFilterFor(true);
      let seen = '';
      for (let at = 0; at < bytes.length; at += size) seen += whole.decode(sieve(bytes.subarray(at, at + size)));
      expect(seen).toBe(text);
    }
  });

  test('what is no character at all waits for nothing', () => {
    for (const bad of [
      '\u00ff',
      '\u00f5',
      '\u0080\u0080\u0080\u0080',
      'a\u0080',
      '\u00e4\u00b8\u0096\u0080',
      '\u00c3\u00a9\u0080',
    ])
      expect(through([bad])).toBe(bad);
    expect(through(['\u00e4\u00b8'])).toBe('');
    for (const pieces of [['\u00e4\u00b8', '\u001b[m'], ['\u00e4\u00b8\u001b[m'], ['\u00e4', '\u00b8\u001b[m']])
      expect(through(pieces)).toBe('\u001b[m');
    expect(through(['\u00e4\u00b8\u00e4\u00b8\u0096'])).toBe('\u00e4\u00b8\u0096');
    expect(through(['\u00e4\u00b8'], false)).toBe('\u00e4\u00b8');
  });
});
