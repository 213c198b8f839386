import { afterAll, describe, expect, test } from '@jest/globals';
import { closeSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { openRecording, recorderOn, RecordingFailed, type RecorderOptions } from '../../src/gate/recording.ts';
import { temporary } from '../unit/gate/folder.ts';

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());

const header = {
  width: 80,
  height: 24,
  timestamp: 1_700_000_000,
  title: 'prod-db on prod-box',
  env: { TERM: 'xterm' },
};
let files = 0;
const options = (change: Partial<RecorderOptions> = {}): RecorderOptions => ({
  header,
  now: () => performance.now(),
  onError: (error) => {
    throw error;
  },
  onRoom: () => undefined,
  quota: { bytes: 2 ** 30, near: () => undefined, reached: () => undefined },
  ...change,
});

function record(change: Partial<RecorderOptions> = {}) {
  const path = `${folder.path}/${++files}.cast`;
  const fd = openRecording(path, 0);
  const read = (): unknown[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown);
  return { path, read, recorder: recorderOn(fd, options(change)), close: () => closeSync(fd) };
}

/** Until the file holds so many whole lines. */
async function written(path: string, lines: number): Promise<void> {
  while (readFileSync(path, 'utf8').split('\n').length <= lines) await new Promise((resolve) => setImmediate(resolve));
}

describe('a recording', () => {
  test('is valid asciicast v2: a header, then output, input, resizes and markers; what was typed has the time of its key', async () => {
    let clock = 0;
    const { recorder, read, close } = record({ now: () => (clock += 1.5) });
    recorder.output(Buffer.from('$ '));
    recorder.input('ls\r', 2);
    recorder.resize(100, 40);
    recorder.marker('5m left');
    recorder.marker('3 keys not kept: echo off', 2.5);
    recorder.output(Buffer.alloc(0));
    await recorder.finish();
    close();
    const [first, ...events] = read() as [unknown, ...[number, string, string][]];
    expect(first).toEqual({ version: 2, ...header });
    expect(events.map(([, code, data]) => [code, data])).toEqual([
      ['o', '$ '],
      ['i', 'ls\r'],
      ['r', '100x40'],
      ['m', '5m left'],
      ['m', '3 keys not kept: echo off'],
    ]);
    expect(events.map(([at]) => at)).toEqual([0.0015, 0.0005, 0.003, 0.0045, 0.001]);
  });

  test('keeps a character whole that came in two pieces', async () => {
    const { recorder, read, close } = record();
    const bytes = Buffer.from('größe 😀');
    for (const byte of bytes) recorder.output(Buffer.from([byte]));
    await recorder.finish();
    close();
    const events = read().slice(1) as [number, string, string][];
    expect(events.map(([, , text]) => text).join('')).toBe('größe 😀');
  });

  test('is on disk soon, without being finished', async () => {
    const { recorder, path, read, close } = record();
    recorder.output(Buffer.from('x'));
    await written(path, 2);
    expect(read()).toHaveLength(2);
    await recorder.finish();
    close();
  });

  test('lets the session go on that stopped right when it was full, in the middle of a write', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { recorder, close } = record({ onRoom: () => resolve(undefined) });
    while (!recorder.full()) recorder.output(Buffer.from('y'.repeat(64 * 1024)));
    await promise;
    expect(recorder.full()).toBe(false);
    await recorder.finish();
    close();
  });

  test('loses nothing when much comes at once, and says when the session should wait', async () => {
    let onRoom = (): void => undefined;
    const room = new Promise<void>((resolve) => (onRoom = resolve));
    const { recorder, read, close } = record({ onRoom: () => onRoom() });
    expect(recorder.full()).toBe(false);
    const piece = Buffer.from('y'.repeat(64 * 1024));
    for (let n = 0; n < 80; n++) recorder.output(piece);
    expect(recorder.full()).toBe(true);
    await room;
    expect(recorder.full()).toBe(false);
    await recorder.finish();
    close();
    expect((read().slice(1) as [number, string, string][]).map(([, , text]) => text.length)).toEqual(
      Array.from({ length: 80 }, () => piece.length),
    );
  });
});

test('law 7: a full disk is told at once, so that nobody works unrecorded', async () => {
  const fd = openSync('/dev/full', 'w');
  const error = await new Promise<Error>((resolve) => {
    const recorder = recorderOn(fd, options({ onError: resolve }));
    recorder.output(Buffer.from('x'));
    void recorder.finish();
  });
  closeSync(fd);
  expect(error).toBeInstanceOf(RecordingFailed);
  expect(error.cause).toMatchObject({ code: 'ENOSPC' });
});

test('law 12: a recording has a quota: it is told once with nine tenths of it, and once with all', async () => {
  const told: string[] = [];
  const { recorder, close } = record({
    quota: {
      bytes: 10_000,
      near: () => {
        told.push('near');
        recorder.marker('nearly full');
      },
      reached: () => told.push('reached'),
    },
  });
  for (let n = 0; n < 8; n++) recorder.output(Buffer.from('x'.repeat(1000)));
  expect(told).toEqual([]);
  recorder.output(Buffer.from('x'.repeat(1000)));
  expect(told).toEqual(['near']);
  for (let n = 0; n < 3; n++) recorder.output(Buffer.from('x'.repeat(1000)));
  expect(told).toEqual(['near', 'reached']);
  await recorder.finish();
  close();
});

describe('law 10: the file of a recording', () => {
  test('is new, root owns it, and only the service account may read it', () => {
    const path = `${folder.path}/new.cast`;
    closeSync(openRecording(path, 12_345));
    expect(statSync(path)).toMatchObject({ uid: 0, gid: 12_345 });
    expect(statSync(path).mode & 0o777 & ~0o640).toBe(0);
  });

  test('is refused where something lies already, a link most of all', () => {
    writeFileSync(`${folder.path}/taken.cast`, 'before');
    symlinkSync('/dev/null', `${folder.path}/link.cast`);
    for (const name of ['taken.cast', 'link.cast', 'no-such-folder/x.cast']) {
      expect(() => openRecording(`${folder.path}/${name}`, 0)).toThrow(RecordingFailed);
    }
    expect(readFileSync(`${folder.path}/taken.cast`, 'utf8')).toBe('before');
  });
});
