// Which recordings there are, from the journal and the folder (src/recordings/catalogue).
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import yargs from 'yargs';
import { layoutAt } from '../../src/wire/layout.ts';
import { recordings } from '../../src/cli/commands/recordings.ts';
import { catalogueOf, namedBy, type Recorded } from '../../src/recordings/catalogue.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
  mkdirSync(join(folder, 'journal'));
  mkdirSync(join(folder, 'recordings/2026-11-29'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = (minutes: number): string => new Date(Date.UTC(2026, 10, 29, 10, minutes)).toISOString();
const line = (event: string, minutes: number, fields: object): string =>
  JSON.stringify({ n: 1, prev: '', at: clock(minutes), host: 'prod-box', event, ...fields });
const connected = (connection: string, minutes: number, more: object = {}): string =>
  line('connected', minutes, {
    ...{ connection, login: 'alice', identity: { claim: 'alice@corp.example' }, session: 'prod-db' },
    ...{ request: 'K7QF2M', grant: 'GRANT00001', reason: 'see "event":"recording-purged"', ...more },
  });

async function catalogue(lines: readonly string[], files: readonly string[]): Promise<readonly Recorded[]> {
  if (lines.length > 0) writeFileSync(join(folder, 'journal/journal.jsonl'), `${lines.join('\n')}\n`);
  for (const file of files) writeFileSync(join(folder, 'recordings/2026-11-29', file), 'x'.repeat(10));
  const paths = {
    ...{ journal: join(folder, 'journal'), recordings: join(folder, 'recordings'), connections: folder },
    holds: join(folder, 'holds.json'),
  };
  return catalogueOf(paths, (id) => id === 'LIVE000001');
}

const short = ({ id, state, hold, lastedMs }: Recorded): unknown => [id, state, hold !== undefined, lastedMs];
const holdOf = (connection: string) => ({
  connection,
  by: 'root (carol)',
  reason: 'LEGAL-7',
  at: Date.parse(clock(31)),
});
const hold = (...connections: readonly string[]): void =>
  writeFileSync(join(folder, 'holds.json'), JSON.stringify(connections.map(holdOf)));

test('each state a recording can be in', async () => {
  const ids = ['LIVE000001', 'ENDED00001', 'SEALED0001', 'SECRET0001', 'PURGED0001', 'MISSING001'];
  const lines = [
    ...ids.map((id, n) => connected(id, n)),
    line('disconnected', 11, { connection: 'ENDED00001' }),
    line('recording-closed', 12, { connection: 'SEALED0001' }),
    line('disconnected', 30, { connection: 'SEALED0001' }),
    line('recording-purged', 40, { connection: 'PURGED0001', by: 'root (carol)', reason: 'INC-1' }),
    line('recording-purged', 40, { connection: 'NEVERSEEN1', by: 'root (carol)', reason: 'INC-1' }),
    'no record "event":"connected"',
  ];
  hold('SEALED0001');
  const files = ['LIVE000001.cast', 'ENDED00001.cast', 'SEALED0001.cast.zst', 'SECRET0001.cast.zst.age'];
  const all = await catalogue(lines, [...files, 'SEALED0001.keyframes']);
  expect(all.map(short)).toEqual([
    ['LIVE000001', 'live', false, undefined],
    ['ENDED00001', 'ended', false, 600_000],
    ['SEALED0001', 'sealed', true, 600_000],
    ['SECRET0001', 'encrypted', false, undefined],
    ['PURGED0001', 'purged', false, undefined],
    ['MISSING001', 'missing', false, undefined],
  ]);
  expect(all[4]?.purged).toEqual({ at: Date.parse(clock(40)), by: 'root (carol)', reason: 'INC-1' });
  expect(all[0]).toMatchObject({ login: 'alice', identity: 'alice@corp.example', session: 'prod-db', bytes: 10 });
});

test('a hold says who, since when and why, and is listed even where neither journal nor file knows its recording', async () => {
  hold('SEALED0001', 'LOST000001');
  const all = await catalogue([connected('SEALED0001', 1)], ['SEALED0001.cast.zst']);
  expect(all.map(({ id, state, hold }) => ({ connection: id, state, ...hold }))).toEqual([
    { ...holdOf('SEALED0001'), state: 'sealed' },
    { ...holdOf('LOST000001'), state: 'missing' },
  ]);
});

test('holds that cannot be read are said, and never count as none', async () => {
  writeFileSync(join(folder, 'holds.json'), '[{}]');
  await expect(catalogue([connected('SEALED0001', 1)], [])).rejects.toThrow('holds.json does not hold what it should');
});

test('a file that no journal knows is listed all the same', async () => {
  expect((await catalogue([], ['STRAY00001.cast.zst'])).map(short)).toEqual([
    ['STRAY00001', 'sealed', false, undefined],
  ]);
});

test('a recording is named by its connection, the beginning of it, its grant or its request', async () => {
  const lines = [
    connected('AAAA000001', 1),
    connected('AAAA000002', 2, { grant: 'GRANT00002' }),
    connected('AAAA', 3, { request: 'M2XX0A' }),
  ];
  const all = await catalogue(lines, []);
  const ids = (word: string): readonly string[] => namedBy(all, word).map(({ id }) => id);
  expect(ids('AAAA000002')).toEqual(['AAAA000002']);
  expect(ids('AAAA0')).toEqual(['AAAA000001', 'AAAA000002']);
  expect(ids('AAAA')).toEqual(['AAAA']);
  expect([ids('GRANT00002'), ids('K7QF2M'), ids('NOBODY')]).toEqual([['AAAA000002'], ['AAAA000001', 'AAAA000002'], []]);
});

/** What `recordings` prints, as it is typed: the ids of its rows. */
async function listed(...words: readonly string[]): Promise<readonly string[]> {
  const paths = { journal: join(folder, 'journal'), recordings: join(folder, 'recordings') };
  const layout = { ...layoutAt(folder), ...paths, connections: folder, holds: join(folder, 'holds.json') };
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const line = yargs(['recordings', ...words]).option('plain', { type: 'boolean' });
    await recordings.add(line, layout).parseAsync();
    return write.mock.calls.flatMap(([text]) => String(text).match(/^[A-Z]{4}\d{6}/gm) ?? []);
  } finally {
    write.mockRestore();
  }
}

test('the list is chosen by login, session and time, alone and together', async () => {
  const bob = { login: 'bob' };
  const web = { session: 'prod-web' };
  const day = 24 * 60;
  await catalogue(
    [
      ...[connected('AADB000001', 0), connected('AAWB000002', day, web)],
      ...[connected('BBDB000003', 2 * day, bob), connected('BBWB000004', 3 * day, { ...bob, ...web })],
    ],
    [],
  );
  expect(await listed()).toEqual(['AADB000001', 'AAWB000002', 'BBDB000003', 'BBWB000004']);
  expect(await listed('--login', 'alice')).toEqual(['AADB000001', 'AAWB000002']);
  expect(await listed('--login', 'bob')).toEqual(['BBDB000003', 'BBWB000004']);
  expect(await listed('--session', 'prod-web')).toEqual(['AAWB000002', 'BBWB000004']);
  expect(await listed('--since', '2026-11-30')).toEqual(['AAWB000002', 'BBDB000003', 'BBWB000004']);
  expect(await listed('--since', '2026-12-01')).toEqual(['BBDB000003', 'BBWB000004']);
  expect(await listed('--since', '2026-11-30', '--login', 'alice', '--session', 'prod-web')).toEqual(['AAWB000002']);
  expect(await listed('--since', '2026-12-01', '--login', 'alice')).toEqual([]);
});
