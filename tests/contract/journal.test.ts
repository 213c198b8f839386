// The journal on a real file system: law 1 and 7, section 7.
import { execFileSync, spawn } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { type Keys, openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import type { AnchorPlace } from '../../src/adapters/journal/anchor.ts';
import { type Verdict, verifyJournal } from '../../src/adapters/journal/verify.ts';
import { ended } from '../../scripts/sandbox/ended.ts';

let base: string;
let keys: Keys;
let folder: string;
let count = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tmux-gate-journal-'));
  keys = await openKeys({ folder: join(base, 'keys'), host: 'box', peers: {} });
});
beforeEach(() => {
  folder = join(base, `journal-${(count += 1)}`);
});
afterAll(() => rm(base, { recursive: true, force: true }));

const open = (where = folder, anchor?: AnchorPlace): Promise<UncheckedJournal> =>
  openJournal({
    ...{ folder: where, anchor, host: 'box', now: Date.now, sha256 },
    signer: keys,
    readHead: headReader(keys, 'box'),
    seal: (what) => keys.seal(what),
  });
const verify = (where = folder): Promise<Verdict> =>
  verifyJournal({ folder: where, verifyHead: headReader(keys, 'box'), sha256 });
const path = (where = folder): string => join(where, 'journal.jsonl');
const lines = async (): Promise<string[]> => (await readFile(path(), 'utf8')).split('\n').slice(0, -1);

async function written(records: number): Promise<void> {
  const journal = await open();
  for (let i = 0; i < records; i += 1) await journal.write('tick', { i });
  await journal.close();
}

test('records are linked, signed and found whole; the folder is 0700 and the file 0600', async () => {
  await written(5);
  expect(await verify()).toEqual({ ok: true, records: 7, unsigned: 0, torn: false, faults: [], head: 'matches' });
  const records = (await lines()).map((one) => JSON.parse(one) as Record<string, unknown>);
  expect(records.map(({ event }) => event)).toEqual(['opened', 'tick', 'tick', 'tick', 'tick', 'tick', 'head']);
  expect(records[1]).toMatchObject({ n: 2, host: 'box', i: 0, prev: sha256((await lines())[0]!) });
  expect(records[1]!['at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(path())).mode & 0o777).toBe(0o600);
});

test('the chain goes on over a reopening', async () => {
  await written(2);
  await written(2);
  expect(await verify()).toMatchObject({ ok: true, records: 8, head: 'matches' });
});

test('an empty or missing journal is sound, one that lost its file is not', async () => {
  expect(await verify(join(base, 'nothing'))).toMatchObject({ ok: true, records: 0, head: 'missing' });
  await written(1);
  await rm(path());
  expect(await verify()).toMatchObject({ ok: false, records: 0, head: 'ahead' });
});

test('200 concurrent writes keep their order, and a head is placed in the chain', async () => {
  const journal = await open();
  await Promise.all(Array.from({ length: 200 }, (_, i) => journal.write('tick', { i })));
  const seen: unknown[] = [];
  for await (const record of journal.records(({ event }) => event === 'tick')) seen.push(record['i']);
  expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
  await journal.write('tick', {});
  await journal.close();
  const events = (await lines()).map((one) => (JSON.parse(one) as { event: string }).event);
  expect(events.filter((event) => event === 'head').length).toBeGreaterThanOrEqual(2);
  expect(await verify()).toMatchObject({ ok: true, unsigned: 0, head: 'matches' });
});

test('a journal that is still written verifies', async () => {
  const journal = await open();
  const busy = Promise.all(Array.from({ length: 2000 }, (_, i) => journal.write('tick', { i })));
  const during = await verify();
  expect(during.faults).toEqual([]);
  expect(['matches', 'behind', 'missing']).toContain(during.head);
  await busy;
  await journal.close();
  expect(await verify()).toMatchObject({ ok: true, head: 'matches' });
});

test('any edit, cut, swap or insertion is found', async () => {
  const source = await open();
  for (let i = 0; i < 20; i += 1) await source.write('tick', { i, reason: `INC-${i} reason` });
  await source.close();
  const original = await lines();
  const head = await readFile(join(folder, 'checkpoint'));
  const place = fc.nat(original.length - 1);
  const bytes = Buffer.from(`${original.join('\n')}\n`);
  const joined = (all: readonly string[]): Buffer => Buffer.from(`${all.join('\n')}\n`);
  const edit = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => {
    const edited = Buffer.from(bytes);
    edited[at] = byte;
    return edited;
  });
  const cut = fc.tuple(place, fc.integer({ min: 1, max: 5 })).map(([at, many]) => joined(original.toSpliced(at, many)));
  const swap = fc.tuple(place, place).map(([a, b]) => joined(original.with(a, original[b]!).with(b, original[a]!)));
  const repeat = fc.tuple(place, place).map(([a, b]) => joined(original.toSpliced(a, 0, original[b]!)));
  const insert = fc.tuple(place, fc.string()).map(([at, what]) => joined(original.toSpliced(at, 0, what)));
  const shorten = fc.integer({ min: 1, max: 2000 }).map((many) => bytes.subarray(0, Math.max(0, bytes.length - many)));
  const where = join(base, 'damaged');
  await mkdir(where, { mode: 0o700 });
  await writeFile(join(where, 'checkpoint'), head);
  await fc.assert(
    fc.asyncProperty(fc.oneof(edit, cut, swap, repeat, insert, shorten), async (damaged) => {
      fc.pre(!damaged.equals(bytes));
      await writeFile(path(where), damaged);
      expect((await verify(where)).ok).toBe(false);
    }),
    { numRuns: 400 },
  );
});

test('a chain computed anew without the key differs from its signed head', async () => {
  await written(3);
  let prev = '0'.repeat(64);
  const forged = (await lines()).map((one) => {
    const record = { ...(JSON.parse(one) as object), prev, host: 'elsewhere' };
    prev = sha256(JSON.stringify(record));
    return JSON.stringify(record);
  });
  await writeFile(path(), `${forged.join('\n')}\n`);
  const verdict = await verify();
  expect(verdict).toMatchObject({ ok: false, head: 'differs' });
  await writeFile(join(folder, 'checkpoint'), 'tmux-gate/box\n5\nAAAA\n\n\u2014 tmux-gate/box AAAA\n');
  expect(await verify()).toMatchObject({ ok: false, head: 'forged' });
  await rm(join(folder, 'checkpoint'));
  expect(await verify()).toMatchObject({ ok: false, head: 'missing' });
});

test('a cut at the end is still found after the journal went on over it', async () => {
  await written(5);
  await writeFile(path(), `${(await lines()).slice(0, -3).join('\n')}\n`);
  await written(5);
  const verdict = await verify();
  expect(verdict).toMatchObject({ ok: false, head: 'matches' });
  expect(verdict.faults).toEqual([{ line: 5, problem: 'follows a cut: 3 signed records before it are missing' }]);
});

test('records that continue the chain after the head are unsigned, not faults', async () => {
  await written(3);
  const head = await readFile(join(folder, 'checkpoint'));
  await written(1);
  await writeFile(join(folder, 'checkpoint'), head);
  expect(await verify()).toMatchObject({ ok: true, head: 'behind', unsigned: 3 });
});

test('a torn last line is moved to a file of its own and journaled', async () => {
  await written(2);
  await appendFile(path(), '{"n":5,"prev":"00');
  expect(await verify()).toMatchObject({ torn: true, ok: true });
  await written(0);
  const torn = (await readdir(folder)).find((name) => name.startsWith('torn-'))!;
  expect(await readFile(join(folder, torn), 'utf8')).toBe('{"n":5,"prev":"00');
  expect(JSON.parse((await lines())[4]!)).toMatchObject({ n: 5, event: 'opened', torn, tornBytes: 17 });
  expect(await verify()).toMatchObject({ ok: true, torn: false, head: 'matches' });
});

test('a last line that is no record is left alone and nothing is written', async () => {
  await written(1);
  await appendFile(path(), 'hello\n');
  await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  expect((await lines()).at(-1)).toBe('hello');
});

test('there is one writer', async () => {
  const journal = await open();
  await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  await journal.close();
  await (await open()).close();
});

test('a file or folder that others could write is refused', async () => {
  await written(1);
  await chmod(path(), 0o640);
  await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  await chmod(path(), 0o600);
  await chmod(folder, 0o755);
  await expect(open()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
});

test('law 7: after close, after a replaced file and after a foreign line nothing is written', async () => {
  const journal = await open();
  await appendFile(path(), 'x\n');
  await expect(journal.write('tick', {})).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  await rename(path(), `${path()}.1`);
  await expect(journal.write('tick', {})).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  await expect(journal.close()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  await expect(journal.write('tick', {})).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
});

test('law 7: on a full disk writes are refused, the file stays whole, and goes on when there is room', async () => {
  const disk = join(base, 'disk');
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=0700', 'tmpfs', disk]);
  try {
    const journal = await open(disk);
    await writeFile(join(disk, 'ballast'), 'x'.repeat(60_000));
    let refused: unknown;
    for (let i = 0; refused === undefined && i < 100; i += 1) {
      await journal.write('tick', { i, filler: 'y'.repeat(3000) }).catch((error: unknown) => (refused = error));
    }
    expect(refused).toMatchObject({ code: 'JOURNAL_DOWN' });
    expect((await readFile(path(disk), 'utf8')).endsWith('}\n')).toBe(true);
    await rm(join(disk, 'ballast'));
    await journal.write('tick', { again: true });
    await journal.close();
    expect(await verify(disk)).toMatchObject({ ok: true, head: 'matches', torn: false });
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('kill -9 of a writer loses nothing that it was told was written', async () => {
  const node = join(import.meta.dirname, '../../node_modules/.bin/node');
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(node, [join(import.meta.dirname, 'journal-writer.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let last = -1;
    for await (const number of createInterface(child.stdout)) {
      last = Number(number);
      if (last === 15 + round) child.kill('SIGKILL');
    }
    await ended(child);
    const acknowledged = (await readFile(path(), 'latin1')).split('\n').filter((one) => one.includes(`"i":${last},`));
    expect(acknowledged.length).toBeGreaterThanOrEqual(4);
    const writer = await openKeys({ folder: `${folder}-keys`, host: 'writer', peers: {} });
    const verdict = await verifyJournal({ folder, verifyHead: headReader(writer, 'writer'), sha256 });
    expect(verdict).toMatchObject({ ok: true, faults: [] });
  }
});

test('fields cannot pose as what a record says of itself, nor break its line or its limit', async () => {
  const journal = await open();
  const nasty = '\u001b[2J\u009b31m\u202e\n{"n":1}';
  await journal.write('tick', {
    event: 'granted',
    n: 1,
    host: 'box',
    at: 5,
    nasty,
    list: Array.from({ length: 5000 }, () => nasty),
  });
  await journal.write('tick', {
    text: '\u00e9'.repeat(100_000),
    deep: { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } },
  });
  await journal.close();
  const [, first, second] = await lines();
  expect(JSON.parse(first!)).toMatchObject({ n: 2, event: 'tick', host: 'box', event_: 'granted', n_: 1, at_: 5 });
  for (const one of [first!, second!]) {
    expect(one.length).toBeLessThanOrEqual(16 * 1024);
    expect(one).toMatch(/^[\x20-\x7e]+$/);
  }
  expect(await verify()).toMatchObject({ ok: true });
});
