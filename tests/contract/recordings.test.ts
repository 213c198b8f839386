// Recordings on disk (src/adapters/recordings): plain ones and sealed ones read the same, from any range on, and damage is never shown as a
// whole. The tools of Debian open what is written.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRecording, listRecordings } from '../../src/adapters/recordings/list.ts';
import { openRecording, type OpenOptions } from '../../src/adapters/recordings/open.ts';
import { SeekableWriter } from '../../src/adapters/recordings/zstd-seekable.ts';
import type { CastEvent } from '../../src/core/recording/cast.ts';

const header = '{"version":2,"width":80,"height":24,"timestamp":1790000000,"title":"prod-db","env":{"TERM":"xterm"}}\n';
const line = (n: number): string =>
  `${JSON.stringify([n / 1000, 'o', `row ${n} äöü \u001b[31m${'x'.repeat(n % 397)}\r\n`])}\n`;
const lines = Array.from({ length: 12_000 }, (_, n) => line(n));
const text = header + lines.join('');

let folder: string;
let base: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  mkdirSync(join(folder, '2026-11-30'));
  base = join(folder, '2026-11-30', 'ABCDEFGH23');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The plain text in ranges of this many lines. */
function ranges(size: number): readonly Buffer[] {
  const all = [header, ...lines];
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) =>
    Buffer.from(all.slice(n * size, (n + 1) * size).join('')),
  );
}

function framed(contents: readonly Buffer[]): Buffer {
  const writer = new SeekableWriter();
  return Buffer.concat([...contents.map((content) => writer.frame(content)), writer.table()]);
}

async function seal(size = 1000): Promise<void> {
  writeFileSync(`${base}.cast.zst`, framed(ranges(size)));
  return Promise.resolve();
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function read(from?: number, options?: OpenOptions): Promise<CastEvent[]> {
  const recording = await openRecording(base, options);
  try {
    return await allOf(recording.events(from));
  } finally {
    await recording.close();
  }
}

const events = lines
  .map((one) => JSON.parse(one) as [number, string, string])
  .map(([at, code, data]) => ({ at, code, data }));

describe('plain', () => {
  beforeEach(() => writeFileSync(`${base}.cast`, text));

  test('the header, and all events', async () => {
    const recording = await openRecording(base);
    expect(recording.header).toEqual({
      ...{ width: 80, height: 24, timestamp: 1_790_000_000, title: 'prod-db', env: { TERM: 'xterm' } },
    });
    expect(recording).toMatchObject({ kind: 'plain', isLive: true, bytes: Buffer.byteLength(text) });
    await recording.close();
    expect(await read()).toEqual(events);
  });

  test('from a range on, which begins with a whole line', async () => {
    const recording = await openRecording(base);
    expect(recording.ranges.length).toBeGreaterThan(2);
    const before = (await recording.range(0)).toString('utf8').split('\n').length - 2;
    await recording.close();
    expect(await read(1)).toEqual(events.slice(before));
    expect(await read(99)).toEqual([]);
  });

  test('what stands behind the last newline is no event yet', async () => {
    appendFileSync(`${base}.cast`, '[41,"o","torn');
    expect(await read()).toEqual(events);
  });

  test('a connection that ended is not live', async () => {
    const connections = join(folder, 'c');
    mkdirSync(connections);
    const isLive = async (): Promise<boolean> => {
      await using recording = await closing({ connections });
      return recording.isLive;
    };
    expect(await isLive()).toBe(false);
    writeFileSync(join(connections, 'ABCDEFGH23.json'), '{}');
    expect(await isLive()).toBe(true);
  });

  test('a live one is followed, event by event, until nobody wants more', async () => {
    await using recording = await closing();
    const pieces = ['[41,"o","fo', 'llowed"]\n[42,"m","mar', 'ker"]\n'];
    const more = async (): Promise<boolean> => {
      const piece = pieces.shift();
      if (piece !== undefined) appendFileSync(`${base}.cast`, piece);
      return Promise.resolve(piece !== undefined);
    };
    expect(await allOf(recording.events(recording.ranges.length, more))).toEqual([
      { at: 41, code: 'o', data: 'followed' },
      { at: 42, code: 'm', data: 'marker' },
    ]);
  });

  test('what was typed stands behind output that came later: it is read, and output is still held to its order', async () => {
    appendFileSync(`${base}.cast`, '[41,"o","echo"]\n[40.5,"i","keys"]\n[40.7,"m","marker"]\n[41,"o","more"]\n');
    expect((await read()).slice(-4).map(({ at, code }) => [at, code])).toEqual([
      ...[[41, 'o'] as const, [40.5, 'i'] as const, [40.7, 'm'] as const, [41, 'o'] as const],
    ]);
    appendFileSync(`${base}.cast`, '[40.9,"o","early"]\n');
    await expect(read()).rejects.toMatchObject({ why: 'damaged' });
  });

  test.each([
    ['no event', '{"o":1}\n', 'the event is no array of three'],
    ['an event out of order', '[0.5,"o","x"]\n', 'the event is earlier than the one before it'],
  ])('damage is said, with the file: %s', async (_, damage, why) => {
    appendFileSync(`${base}.cast`, damage);
    await expect(read()).rejects.toMatchObject({ why: 'damaged', message: `${base}.cast is damaged: ${why}` });
  });
});

async function closing(options?: OpenOptions) {
  const recording = await openRecording(base, options);
  return { ...recording, [Symbol.asyncDispose]: async () => recording.close() };
}

describe('sealed', () => {
  test.each([3, 1000, 50_000])('reads as the plain one does, in frames of %d lines', async (size) => {
    await seal(size);
    expect(await read()).toEqual(events);
  });

  test('begins at any range', async () => {
    await seal(1000);
    await using recording = await closing();
    expect(recording).toMatchObject({ kind: 'sealed', isLive: false, bytes: Buffer.byteLength(text) });
    expect(recording.ranges).toHaveLength(13);
    expect(await read(12)).toEqual(events.slice(11_999));
    expect((await recording.range(7)).equals(ranges(1000)[7]!)).toBe(true);
    await expect(recording.range(13)).rejects.toThrow('no range 13');
  });

  test('begins there without reading what is before', async () => {
    await seal(1000);
    const bytes = readFileSync(`${base}.cast.zst`);
    await using recording = await closing();
    const { from } = recording.ranges[2]!;
    expect(from).toBeGreaterThan(0);
    bytes.fill(0xff, 20_000, 40_000);
    writeFileSync(`${base}.cast.zst`, bytes);
    expect(await read(12)).toEqual(events.slice(11_999));
    await expect(read()).rejects.toMatchObject({ why: 'damaged' });
  });

  test('zstd of Debian opens it', async () => {
    await seal();
    expect(execFileSync('zstd', ['-dcq', `${base}.cast.zst`], { maxBuffer: 1 << 26 }).toString()).toBe(text);
    expect(execFileSync('zstd', ['-lv', `${base}.cast.zst`]).toString()).toMatch(/Check: XXH64/);
  });

  test('a changed byte anywhere is found', async () => {
    await seal(5000);
    const bytes = readFileSync(`${base}.cast.zst`);
    for (let n = 0; n < 40; n += 1) {
      const at = Math.floor((n * (bytes.length - 1)) / 39);
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (n % 8);
      writeFileSync(`${base}.cast.zst`, changed);
      const all = await read().catch((error: unknown) => (error as { why: string }).why);
      // A bit of a frame's header that nobody reads may change; the text may not.
      if (all !== 'damaged') expect(all).toEqual(events);
    }
  });

  test.each([0, 5, 9, 100, 1000])('a file cut to %d bytes is damaged', async (length) => {
    await seal();
    writeFileSync(`${base}.cast.zst`, readFileSync(`${base}.cast.zst`).subarray(0, length));
    await expect(read()).rejects.toMatchObject({ why: 'damaged' });
  });

  test('bytes in front of the table, a table that is too long, and frames that are too large are damage', async () => {
    await seal();
    const bytes = readFileSync(`${base}.cast.zst`);
    const table = bytes.length - 9 - 8 * 13 - 8;
    const changed = (change: (bytes: Buffer) => Buffer): string => {
      writeFileSync(`${base}.cast.zst`, change(Buffer.from(bytes)));
      return 'damaged';
    };
    const wrong = async (why: string): Promise<void> => {
      await expect(read()).rejects.toMatchObject({ message: `${base}.cast.zst is damaged: ${why}` });
    };
    changed((all) => Buffer.concat([all.subarray(0, table), Buffer.from('more'), all.subarray(table)]));
    await wrong('its seek table does not fit it');
    changed((all) => (all.writeUInt32LE(0xffffff, all.length - 9), all));
    await wrong('its seek table is longer than the file');
    changed((all) => (all.writeUInt32LE(12, all.length - 9), all));
    await wrong('its seek table has no beginning');
    changed((all) => (all.writeUInt8(0x80, all.length - 5), all));
    await wrong('its seek table is of another kind');
    changed((all) => (all.writeUInt32LE(0x7fffffff, table + 12), all));
    await wrong('frame 0 is too large');
    changed((all) => (all.writeUInt32LE(10, table + 12), all));
    await wrong('the frame at byte 0 is damaged');
    changed((all) => (all.writeUInt32LE(1_000_000, table + 12), all));
    await wrong('the frame at byte 0 is not as long as the seek table says');
  });

  test('a frame that ends within a line is damage', async () => {
    writeFileSync(`${base}.cast.zst`, framed([Buffer.from(`${header}[0,"o"`), Buffer.from(',"x"]\n')]));
    await expect(read()).rejects.toThrow('range 0 ends within a line');
  });

  test('the last line may have been torn by a crash', async () => {
    writeFileSync(
      `${base}.cast.zst`,
      framed([Buffer.from(`${header}[0,"o","x"]\n`), Buffer.from('[1,"o","y"]\n[2,"o"')]),
    );
    expect(await read()).toHaveLength(2);
  });

  test('memory does not grow with the recording', async () => {
    const chunk = Buffer.from(`${JSON.stringify([1, 'o', 'abcdefgh'.repeat(8000)])}\n`.repeat(16));
    writeFileSync(`${base}.cast.zst`, framed([Buffer.from(header), ...Array.from({ length: 100 }, () => chunk)]));
    await using recording = await closing();
    global.gc?.();
    const before = process.memoryUsage().rss;
    let [count, most] = [0, 0];
    for await (const { code } of recording.events()) {
      if (code === 'o') count += 1;
      if (count % 80 === 0) most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(count).toBe(1600);
    expect(most).toBeLessThan(120 * 1024 * 1024);
  });
});

describe('which recordings are there', () => {
  test('each once, by day and id; drafts and strangers are not', async () => {
    mkdirSync(join(folder, '2026-11-29'));
    mkdirSync(join(folder, 'lost+found'));
    for (const name of [
      '2026-11-30/ZZZZ.cast',
      '2026-11-29/BBBB.cast.zst',
      '2026-11-29/BBBB.cast',
      '2026-11-29/AAAA.cast.zst.age',
    ])
      writeFileSync(join(folder, name), 'four');
    for (const name of ['2026-11-29/CCCC.cast.zst.new', '2026-11-29/notes.txt', 'x.cast', 'lost+found/DDDD.cast'])
      writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, '2026-11-29', 'EEEE.cast'));
    const found = await allOf(listRecordings(folder));
    expect(found).toEqual([
      { id: 'AAAA', day: '2026-11-29', base: join(folder, '2026-11-29/AAAA'), kind: 'encrypted', bytes: 4 },
      { id: 'BBBB', day: '2026-11-29', base: join(folder, '2026-11-29/BBBB'), kind: 'sealed', bytes: 4 },
      { id: 'ZZZZ', day: '2026-11-30', base: join(folder, '2026-11-30/ZZZZ'), kind: 'plain', bytes: 4 },
    ]);
    expect(await findRecording(folder, 'ZZZZ')).toBe(join(folder, '2026-11-30/ZZZZ'));
    expect(await findRecording(folder, 'YYYY')).toBeUndefined();
  });

  test('none in a folder that is not there; a missing one is said', async () => {
    expect(await allOf(listRecordings(join(folder, 'none')))).toEqual([]);
    await expect(read()).rejects.toMatchObject({ why: 'missing', message: `there is no recording ${base}` });
  });

  test('a link is not followed', async () => {
    writeFileSync(`${base}.cast`, text);
    renameSync(`${base}.cast`, join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), `${base}.cast`);
    await expect(read()).rejects.toMatchObject({ code: 'ELOOP' });
  });
});
