// What the gate records, sealed and exported: asciinema's own program (Debian's, for asciicast v2) plays and gives out the output, to the
// byte, and asciinema's player shows asciicast v3.
import { afterAll, expect, test } from '@jest/globals';
import { closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { spawn } from '@lydell/node-pty';
import { openRecording as openSealed } from '../../src/adapters/recordings/open.ts';
import { sealRecording } from '../../src/adapters/recordings/seal.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { pieces } from '../../src/cli/export-recording.ts';
import { chainAfter, noChain } from '../../src/core/recording/ranges.ts';
import { Chromium } from '../harness/chromium.ts';
import { hex } from './evidence/verifying.ts';
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

/** Seals the plain recording in ranges of these bytes, takes it away, and exports what is left. */
async function exported(base: string, bytes: number): Promise<Readonly<Record<keyof typeof pieces, string>>> {
  const plain = readFileSync(`${base}.cast`);
  const cuts: number[] = [];
  let chain = noChain;
  for (let from = 0; from < plain.length; from = cuts.at(-1) ?? 0) {
    cuts.push(plain.indexOf('\n', Math.min(from + bytes, plain.length - 1)) + 1);
    chain = chainAfter(chain, hex(plain.subarray(from, cuts.at(-1))), sha256);
  }
  await sealRecording({ base, cuts, chain, recipients: [] });
  rmSync(`${base}.cast`);
  const recording = await openSealed(base);
  expect([recording.kind, recording.ranges.length]).toEqual(['sealed', cuts.length]);
  const textOf = async (all: AsyncGenerator<Buffer | string>): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of all) parts.push(Buffer.from(part));
    return Buffer.concat(parts).toString();
  };
  const texts = { cast: await textOf(pieces.cast(recording)), cast3: await textOf(pieces.cast3(recording)) };
  await recording.close();
  expect(texts.cast).toBe(plain.toString());
  return texts;
}

/** The bytes that asciinema's own program prints on a terminal when it plays a file; a terminal that obeyed them would scroll for an hour. */
async function played(path: string): Promise<Buffer> {
  const pty = spawn('/usr/bin/asciinema', ['play', '-i', '0.01', path], {
    ...{ cols: 80, rows: 24, cwd: '/', encoding: null },
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: folder.path, TERM: 'xterm-256color' },
  });
  const bytes: Buffer[] = [];
  // With `encoding: null` these are bytes, which the types do not know.
  pty.onData((piece) => bytes.push(Buffer.from(piece)));
  const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => pty.onExit(resolve));
  expect(exitCode).toBe(0);
  return Buffer.concat(bytes);
}

/** What asciinema's player shows at the end of a recording. */
async function shownAtEnd(cast: string): Promise<string> {
  const player = readFileSync(
    createRequire(import.meta.url).resolve('asciinema-player/dist/bundle/asciinema-player.min.js'),
  );
  const data = JSON.stringify(cast).replaceAll('<', '\\u003c');
  await using chromium = new Chromium();
  await chromium.open(`<!doctype html><meta charset="utf-8"><div id="here"></div><script>${player.toString()}</script>
    <script>const player = AsciinemaPlayer.create({ data: ${data} }, document.querySelector('#here'), { preload: true });
    document.documentElement.dataset.ready = 'yes';</script>`);
  await chromium.run('player.seek("100%")');
  const shown = await chromium.run(`new Promise((done) => {
    const look = () => {
      const text = document.querySelector('.ap-player')?.innerText ?? '';
      return text.includes('the end') ? done(text) : requestAnimationFrame(look);
    };
    look();
  })`);
  expect(chromium.said).toEqual([]);
  return String(shown);
}

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
  recorder.input('secret not shown\r', performance.now());
  recorder.marker('5m left');
  for (const text of hostile) {
    show(Buffer.from(text));
    recorder.resize(100, 40);
  }
  for (let n = 0; n < 3000; n += 1) show(Buffer.from(`line ${String(n)} ${'x'.repeat(n % 90)}\r\n`));
  show(Buffer.from('the end\r\n'));
  show(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xe2, 0x82])); // not UTF-8: each is one U+FFFD
  await recorder.finish();
  closeSync(fd);
  const { cast, cast3 } = await exported(`${folder.path}/a`, 20_000);
  writeFileSync(`${folder.path}/exported.cast`, cast);
  // It asks for a terminal of its own, and changes nothing on one to which it does not write.
  writeFileSync(`${folder.path}/cat`, `exec asciinema cat ${folder.path}/exported.cast >${folder.path}/out\n`);
  await using terminal = new Terminal('/bin/sh', [`${folder.path}/cat`], {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: folder.path },
  });
  expect({ exit: await terminal.exit, said: terminal.text }).toMatchObject({ exit: { code: 0 }, said: '' });
  const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(output));
  expect(readFileSync(`${folder.path}/out`).equals(Buffer.from(expected))).toBe(true);
  expect((await played(`${folder.path}/exported.cast`)).equals(Buffer.from(expected))).toBe(true);
  expect(await shownAtEnd(cast3)).toContain('line 2999');
});
