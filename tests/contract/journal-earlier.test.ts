// Journals of earlier versions, which have signed heads (JWS) and no tree: they verify, and become a log at the first start.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { anchorOf, type AnchorPlace, readAnchor } from '../../src/adapters/journal/anchor.ts';
import { headReader } from '../../src/adapters/journal/heads.ts';
import { openJournal, type UncheckedJournal } from '../../src/adapters/journal/journal.ts';
import { recordLine } from '../../src/adapters/journal/record.ts';
import { type Verdict, verifyJournal } from '../../src/adapters/journal/verify.ts';
import * as stateFiles from '../../src/adapters/state-file.ts';
import { type Keys, openKeys } from '../../src/adapters/keys.ts';
import { sha256 } from '../../src/adapters/sha256.ts';
import { chainStart } from '../../src/core/chain.ts';

let base: string;
let keys: Keys;
let state: string;
let folder: string;
let place: AnchorPlace;
let count = 0;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tmux-gate-earlier-'));
  keys = await openKeys({ folder: join(base, 'keys'), host: 'box', peers: {} });
});
beforeEach(async () => {
  state = join(base, `state-${(count += 1)}`);
  await mkdir(state);
  folder = join(state, 'journal');
  place = { files: stateFiles, path: join(state, 'anchor.json'), acceptedPath: join(state, 'accepted.json') };
});
afterAll(() => rm(base, { recursive: true, force: true }));

const open = (): Promise<UncheckedJournal> =>
  openJournal({
    ...{ folder, anchor: place, host: 'box', now: Date.now, sha256 },
    ...{ signer: keys, readHead: headReader(keys, 'box'), seal: (text: string) => keys.seal(text) },
  });

async function written(records: number): Promise<void> {
  const journal = await open();
  for (let i = 0; i < records; i += 1) await journal.write('tick', { i });
  await journal.close();
}

const path = (): string => join(folder, 'journal.jsonl');
const lines = async (): Promise<string[]> => (await readFile(path(), 'latin1')).split('\n').slice(0, -1);
const put = async (all: readonly string[]): Promise<void> => writeFile(path(), all.map((one) => `${one}\n`).join(''));

async function verify(): Promise<Verdict> {
  const outside = { anchor: await readAnchor(place), seal: (text: string) => keys.seal(text) };
  return verifyJournal({ folder, verifyHead: headReader(keys, 'box'), sha256, outside });
}

/** A journal as earlier versions wrote it: a chain, with signed heads that are JWS. */
async function oldJournal(records: number): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const all: string[] = [];
  let head: string | null = null;
  const add = (event: string, fields: Readonly<Record<string, unknown>>): void => {
    const link = { n: all.length + 1, prev: all.length === 0 ? chainStart : sha256(all.at(-1)!) };
    all.push(recordLine({ link, at: 1, host: 'box', event, fields }, (text) => keys.seal(text)));
  };
  add('opened', { head });
  for (let i = 0; i < records; i += 1) {
    add('tick', { i, reason: `INC-${i}` });
    head = await keys.sign('head', { n: all.length, hash: sha256(all.at(-1)!) });
    if (i % 100 === 99) add('head', { head });
  }
  head = await keys.sign('head', { n: all.length, hash: sha256(all.at(-1)!) });
  await writeFile(path(), all.map((one) => `${one}\n`).join(''), { mode: 0o600 });
  await writeFile(join(folder, 'head.jws'), head);
  await stateFiles.writeState(join(state, 'anchor.json'), (await anchorOf(path(), sha256))!, true, (value) => value);
}

test('a journal of an earlier version verifies, becomes a log at the first start, says so, and verifies', async () => {
  await oldJournal(250);
  expect(await verify()).toMatchObject({ ok: true, head: 'matches', records: 253 });
  await written(5);
  const [opened, migrated] = (await lines()).slice(253).map((line) => JSON.parse(line) as object);
  expect(opened).toMatchObject({ event: 'opened', checkpoint: null, head: expect.stringMatching(/^eyJ/) });
  expect(migrated).toMatchObject({ event: 'log-migrated', records: 253 });
  expect(await readdir(folder)).not.toContain('head.jws');
  expect(await verify()).toMatchObject({ ok: true, head: 'matches' });
  await written(5);
  expect(await verify()).toMatchObject({ ok: true, head: 'matches' });
});

test.each([
  ['a record of it was edited', async () => put((await lines()).map((one) => one.replace('"INC-7"', '"INC-8"')))],
  ['its head is not ours', async () => writeFile(join(folder, 'head.jws'), 'eyJ4IjoxfQ.eyJuIjo1fQ.AAAA')],
  [
    'its head is of more',
    async () => writeFile(join(folder, 'head.jws'), await keys.sign('head', { n: 99, hash: chainStart })),
  ],
  [
    'its head is of others',
    async () => writeFile(join(folder, 'head.jws'), await keys.sign('head', { n: 9, hash: chainStart })),
  ],
])('a journal of an earlier version becomes no log when %s', async (_, tamper) => {
  await oldJournal(20);
  await tamper();
  expect((await verify()).ok).toBe(false);
  const journal = await open();
  expect(journal.changed).toBeDefined();
  await journal.close();
  expect(await readdir(folder)).not.toContain('checkpoint');
});
