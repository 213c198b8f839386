// The anchor of the journal, outside its folder (adapters/journal/anchor.ts): what chain and head cannot show.
import { appendFile, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { acceptJournal, anchorOf, type AnchorPlace, readAnchor } from '../../src/adapters/journal/anchor.ts';
import type { JournalRecord } from '../../src/adapters/journal/read.ts';
import { headIn, headReader } from '../../src/adapters/journal/heads.ts';
import { type Verdict, verifyJournal } from '../../src/adapters/journal/verify.ts';
import * as stateFiles from '../../src/adapters/state-file.ts';
import { type Keys, openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';

let base: string;
let keys: Keys;
let folder: string;
let place: AnchorPlace;
let path: string;
let count = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tmux-gate-anchor-'));
  keys = await openKeys({ folder: join(base, 'keys'), host: 'box', peers: {} });
});
beforeEach(async () => {
  const state = join(base, `state-${(count += 1)}`);
  await mkdir(state);
  folder = join(state, 'journal');
  path = join(folder, 'journal.jsonl');
  place = {
    files: stateFiles,
    path: join(state, 'anchor.json'),
    acceptedPath: join(state, 'accepted.json'),
  };
});
afterAll(() => rm(base, { recursive: true, force: true }));

const open = (): Promise<UncheckedJournal> =>
  openJournal({
    ...{ folder, anchor: place, host: 'box', now: Date.now, sha256 },
    signer: keys,
    readHead: headReader(keys, 'box'),
    seal: (text) => keys.seal(text),
  });

async function written(records: number): Promise<void> {
  const journal = await open();
  expect(journal.changed).toBeUndefined();
  for (let i = 0; i < records; i += 1) await journal.write('tick', { i });
  await journal.close();
}

async function verify(): Promise<Verdict> {
  const outside = { anchor: await readAnchor(place), seal: (text: string) => keys.seal(text) };
  return verifyJournal({ folder, verifyHead: headReader(keys, 'box'), sha256, outside });
}

const lines = async (): Promise<string[]> => (await readFile(path, 'utf8')).split('\n').slice(0, -1);
const put = async (all: readonly string[]): Promise<void> => writeFile(path, all.map((one) => `${one}\n`).join(''));

/** A record that chains on, with nothing that only the host can make. */
async function forged(fields: object = {}): Promise<string> {
  const last = (await lines()).at(-1)!;
  const { n } = JSON.parse(last) as { n: number };
  const facts = { n: n + 1, prev: sha256(last), at: new Date().toISOString(), host: 'box', event: 'granted' };
  return JSON.stringify({ ...facts, ...fields });
}

const headOf = (line: string): string => headIn(JSON.parse(line) as JournalRecord) ?? '';

const tamperings: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'a cut to a head that the chain itself holds',
    async () => {
      const all = await lines();
      const at = all.findLastIndex((one) => one.includes('"event":"opened"'));
      await put(all.slice(0, at));
      await writeFile(join(folder, 'checkpoint'), headOf(all[at]!));
    },
  ],
  ['a forged record chained on at the end', async () => put([...(await lines()), await forged()])],
  [
    'a forged record with a made-up seal',
    async () => put([...(await lines()), await forged({ seal: 'AAAAAAAAAAAAAAAAAAAAAA' })]),
  ],
  [
    'a forged record with the seal of another',
    async () =>
      put([...(await lines()), await forged({ seal: (JSON.parse((await lines())[1]!) as { seal: string }).seal })]),
  ],
  [
    'a rollback of the whole folder',
    async () => {
      await rm(folder, { recursive: true });
      await cp(`${folder}.old`, folder, { recursive: true });
    },
  ],
  [
    'an emptied folder',
    async () => {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    },
  ],
  ['a folder that is gone', async () => rm(folder, { recursive: true })],
  ['an anchor that is gone', async () => rm(place.path)],
  [
    'another journal in its place',
    async () => {
      const all = await lines();
      await put(all.map((one) => one.replace('"i":0', '"i":7')));
      await put((await lines()).with(-1, all.at(-1)!.replace('"host":"box"', '"host":"bax"')));
    },
  ],
];

test.each(tamperings)('%s: verify says so, and the next keeper neither signs nor adds to it', async (_, tamper) => {
  await written(2);
  await cp(folder, `${folder}.old`, { recursive: true });
  await written(3);
  expect(await verify()).toMatchObject({ ok: true, anchor: 'matches' });
  await tamper();
  expect((await verify()).ok).toBe(false);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  const journal = await open();
  expect(journal.changed).toBeDefined();
  await expect(journal.write('tick', {})).rejects.toMatchObject({ code: 'JOURNAL_CHANGED' });
  await journal.close();
  expect(await readFile(path, 'utf8').catch(() => undefined)).toBe(before);
  expect((await verify()).ok).toBe(false);
});

test('a first start has neither journal nor anchor, and then both', async () => {
  await written(1);
  expect(await readAnchor(place)).toEqual(await anchorOf(path, sha256));
});

test('a crash leaves the anchor behind, or a torn line: the next start needs nobody', async () => {
  await written(2);
  const old = await readFile(place.path);
  await written(2);
  await writeFile(place.path, old);
  await appendFile(path, '{"n":99,"prev":"');
  expect(await verify()).toMatchObject({ ok: true, anchor: 'behind', torn: true });
  await written(1);
  expect(await verify()).toMatchObject({ ok: true, anchor: 'matches', torn: false });
});

test('what root accepts goes on, in the next record and in each verdict; once, and for that journal alone', async () => {
  await written(2);
  await put((await lines()).slice(0, -2));
  const found = (await anchorOf(path, sha256))!;
  await acceptJournal(place, { found: { ...found, hash: sha256('other') }, by: 'root', reason: 'x', at: 1 });
  expect((await open().then(async (one) => one.close().then(() => one))).changed).toBeDefined();
  await acceptJournal(place, { found, by: 'root (erin)', reason: 'the disk lost it', at: 1 });
  await written(1);
  const opened = (await lines()).map((one) => JSON.parse(one) as Record<string, unknown>)[found.n]!;
  expect(opened).toMatchObject({
    event: 'opened',
    problem: expect.stringContaining('it was cut or rolled back'),
    accepted: { by: 'root (erin)', reason: 'the disk lost it' },
    lost: { n: found.n + 2 },
  });
  const accepted = [expect.objectContaining({ line: found.n + 1, by: 'root (erin)', reason: 'the disk lost it' })];
  expect(await verify()).toMatchObject({ ok: true, anchor: 'matches', accepted });
  await written(1);
  await put((await lines()).slice(0, -2));
  expect((await verify()).ok).toBe(false);
  const again = await open();
  expect(again.changed).toBeDefined();
  await again.close();
});

test('a folder that is gone can be accepted: the journal begins anew, and says what it lost', async () => {
  await written(2);
  const lost = (await readAnchor(place))!;
  await rm(folder, { recursive: true });
  await acceptJournal(place, { found: (await anchorOf(path, sha256))!, by: 'root', reason: 'a new disk', at: 1 });
  await written(1);
  expect(JSON.parse((await lines())[0]!)).toMatchObject({ n: 1, event: 'opened', lost });
  expect(await verify()).toMatchObject({ ok: true, anchor: 'matches', accepted: [{ line: 1, reason: 'a new disk' }] });
});

test('an anchor that cannot be written stops the next record, until it can', async () => {
  const journal = await open(); // no anchor is on its way then
  await rm(place.path);
  await mkdir(place.path);
  // No record waits for the anchor of the record before it, so some may be written until that one has failed.
  const untilRefused = async (): Promise<void> => {
    for (let n = 0; n < 1_000; n++) await journal.write('tick', {});
  };
  await expect(untilRefused()).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
  await rm(place.path, { recursive: true });
  await journal.write('tick', {});
  await journal.close();
  expect(await verify()).toMatchObject({ ok: true, anchor: 'matches' });
});
