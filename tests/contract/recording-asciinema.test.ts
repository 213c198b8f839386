// asciinema's own program (Debian's, for asciicast v2) reads what the gate records: the output, to the byte.
import { afterAll, expect, test } from '@jest/globals';
import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { Terminal } from '../../scripts/sandbox/terminal.ts';
import { openRecording, recorderOn } from '../../src/gate/recording.ts';
import { temporary } from '../unit/gate/folder.ts';

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());

const hostile = [
  '"]\n[1, "o", "forged"]\n[2, "i", "typed"]\n',
  '\u0000\u0007\u001b]52;c;Zm9yZ2Vk\u0007\u001b[2J\u001b[999999999S\u001bP+q\u001b\\',
  '\u2028\u2029\ufeff\u202e\u0085\\u0041\\\\ \r\r\n\u001b[6n',
];

test('also where keys, markers and sizes stand between, characters come in pieces, and the output is hostile', async () => {
  const path = `${folder.path}/a.cast`;
  const fd = openRecording(path, 0);
  const recorder = recorderOn(fd, {
    header: { width: 80, height: 24, timestamp: 1_780_000_000, title: 'prod-db on "box"', env: { TERM: 'xterm' } },
    now: () => performance.now(),
    onError: (error) => {
      throw error;
    },
    onRoom: () => undefined,
    quota: { bytes: 2 ** 30, near: () => undefined, reached: () => undefined },
  });
  const output: Buffer[] = [];
  const show = (bytes: Buffer): void => {
    output.push(bytes);
    recorder.output(bytes);
  };
  for (const byte of Buffer.from('größe 漢字 😀 e\u0301\r\n')) show(Buffer.from([byte]));
  recorder.input('secret not shown\r', 1);
  recorder.marker('5m left');
  for (const text of hostile) {
    show(Buffer.from(text));
    recorder.resize(100, 40);
  }
  for (let n = 0; n < 3000; n += 1) show(Buffer.from(`line ${String(n)} ${'x'.repeat(n % 90)}\r\n`));
  show(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xe2, 0x82])); // not UTF-8: each is one U+FFFD
  await recorder.finish();
  closeSync(fd);
  // It asks for a terminal of its own, and changes nothing on one to which it does not write.
  writeFileSync(`${folder.path}/cat`, `exec asciinema cat ${path} >${folder.path}/out\n`);
  await using terminal = new Terminal('/bin/sh', [`${folder.path}/cat`], {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: folder.path },
  });
  expect({ exit: await terminal.exit, said: terminal.text }).toMatchObject({ exit: { code: 0 }, said: '' });
  const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(output));
  expect(readFileSync(`${folder.path}/out`).equals(Buffer.from(expected))).toBe(true);
});
