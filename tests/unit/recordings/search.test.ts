import { describe, expect, test } from '@jest/globals';
import { chmodSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { catchUp, type Progress } from '../../../src/recordings/search/catch-up.ts';
import { isAnyThere } from '../../../src/recordings/search/find.ts';
import { IndexDamaged, SearchIndex } from '../../../src/recordings/search/search-index.ts';
import { baseOf, began, folder, places, recorded, screenful, search, textsOf } from './searched.ts';

describe('find', () => {
  test('finds a row with its recording, its second and the place of the match', async () => {
    await recorded('K7QF2MAA', screenful);
    const { hits } = await search('DROP TABLE u');
    expect(hits).toMatchObject([
      {
        ...{ at: 3, text: 'mysql> DROP TABLE users;', match: [7, 19], isTyped: false },
        recording: { id: 'K7QF2MAA', login: 'alice', session: 'prod-db', began },
      },
    ]);
  });

  test('of a line that grew, gives the whole text and when the match was first seen', async () => {
    await recorded('K7QF2MAA', screenful);
    expect((await search('DROP')).hits.map(({ at, text, isTyped }) => [at, text, isTyped])).toEqual([
      [1, 'mysql> DROP TABLE users;', false],
      [1.5, 'DROP VIEW x;', true],
    ]);
    expect(await textsOf('VIEW', { onlyTyped: true })).toEqual(['DROP VIEW x;']);
    expect(await textsOf('mysql', { onlyTyped: true })).toEqual([]);
  });

  test.each([
    ['two characters', '漢字'],
    ['one character', '°'],
    ['three of them', '漢字 '],
    ['an umlaut that was typed in two parts', 'gro\u0308\u00dfe'],
    ['quotes and operators of SQL as they are', 'log: gr'],
    ['an expression', '/gr(ö|oe)ße \\d+/'],
    ['an expression without a text of three characters', '/^.{1,3} in/'],
    ['an expression of alternatives', '/nothing|log:/'],
  ])('finds %s', async (_, typed) => {
    await recorded('K7QF2MAA', screenful);
    expect(await textsOf(typed)).toEqual(['漢字 in the log: größe 10°']);
  });

  test('heeds case unless it is told not to', async () => {
    await recorded('K7QF2MAA', screenful);
    expect(await textsOf('query ok')).toEqual([]);
    expect(await textsOf('query ok', { ignoreCase: true })).toEqual(['Query OK, 0 rows (0.02 sec)']);
    expect(await textsOf('GRÖSSE', { ignoreCase: true })).toEqual([]);
    expect(await textsOf('GRÖ', { ignoreCase: true })).toHaveLength(1);
    expect(await textsOf('/QUERY ok/', { ignoreCase: true })).toHaveLength(1);
  });

  test.each(['"', '""" OR """', '") OR (words:"', 'a%b_c', "';--"])(
    'what is typed is no query of SQLite: %s',
    async (text) => {
      await recorded('K7QF2MAA', [[0, 'o', `before ${text} behind`]]);
      await recorded('K7QF2MBB', screenful);
      expect(await textsOf(text)).toEqual([`before ${text} behind`]);
    },
  );

  test('goes from the newest recording to the oldest, and within one by time', async () => {
    await recorded('K7QF2MAA', [
      [5, 'o', 'needle b\r\n'],
      [7, 'i', 'needle c\r'],
      [9, 'o', '\u001b[2J\u001b[Hneedle d'],
    ]);
    await recorded('K7QF2MBB', [[0, 'o', 'needle a']], { later: 60, login: 'bob' });
    expect(await textsOf('needle')).toEqual(['needle a', 'needle b', 'needle c', 'needle d']);
    expect(await textsOf('needle', { login: 'bob' })).toEqual(['needle a']);
    expect(await textsOf('needle', { session: 'prod-db' })).toHaveLength(4);
    expect(await textsOf('needle', { session: 'other' })).toEqual([]);
    expect(await textsOf('needle', { since: (began + 8) * 1000 })).toEqual(['needle a', 'needle d']);
    expect(await textsOf('needle', { since: (began + 100) * 1000 })).toEqual([]);
  });

  test('reads what is live, each time', async () => {
    await recorded('K7QF2MAA', [[0, 'o', 'needle one']], { live: true });
    expect(await textsOf('needle')).toEqual(['needle one']);
    writeFileSync(`${baseOf('K7QF2MAA')}.cast`, `${JSON.stringify([4, 'o', '\r\nneedle two'])}\n`, { flag: 'a' });
    expect(await textsOf('needle')).toEqual(['needle one', 'needle two']);
  });

  test('what is purged or encrypted leaves the index', async () => {
    await recorded('K7QF2MAA', screenful);
    await recorded('K7QF2MBB', screenful);
    expect(await textsOf('users;')).toHaveLength(2);
    rmSync(`${baseOf('K7QF2MAA')}.cast.zst`);
    expect(await textsOf('users;')).toHaveLength(1);
    writeFileSync(`${baseOf('K7QF2MBB')}.cast.zst.age`, 'sealed');
    rmSync(`${baseOf('K7QF2MBB')}.cast.zst`);
    expect(await search('users;')).toEqual({ hits: [], skipped: { encrypted: 1, faults: [] } });
    using index = SearchIndex.open(places.index);
    expect(index.recordings()).toEqual([]);
    expect(index.candidates(undefined, false).size).toBe(0);
    expect(index.candidates('("use")', false).size).toBe(0);
  });

  test('a damaged recording is searched up to the damage, and named', async () => {
    await recorded('K7QF2MAA', screenful);
    const path = `${baseOf('K7QF2MAA')}.cast.zst`;
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    writeFileSync(`${baseOf('K7QF2MBB')}.cast`, '{"version":2,"width":80,"height":24}\n[0,"o","users;"]\nbroken\n');
    const { hits, skipped } = await search('users;');
    expect(hits.map(({ text }) => text)).toEqual([]);
    expect(skipped.faults).toEqual([
      expect.stringContaining('K7QF2MBB.cast is damaged'),
      expect.stringContaining('K7QF2MAA.cast.zst is damaged'),
    ]);
    expect((await search('users;')).skipped.faults).toHaveLength(2);
  });

  test('says whether there is any recording, and how far the index is', async () => {
    expect(await isAnyThere(places.recordings)).toBe(false);
    await recorded('K7QF2MAA', screenful);
    await recorded('K7QF2MBB', screenful);
    expect(await isAnyThere(places.recordings)).toBe(true);
    using index = SearchIndex.open(places.index);
    const told: Progress[] = [];
    await catchUp(index, places, (progress) => told.push(progress));
    expect(told).toEqual([
      { done: 0, total: 2, id: 'K7QF2MAA' },
      { done: 1, total: 2, id: 'K7QF2MBB' },
    ]);
    told.length = 0;
    await catchUp(index, places, (progress) => told.push(progress));
    expect(told).toEqual([]);
  });

  test('a journal that is shorter than before is read again', async () => {
    await recorded('K7QF2MAA', screenful);
    expect((await search('users;')).hits[0]?.recording.login).toBe('alice');
    writeFileSync(
      join(places.journal, 'journal.jsonl'),
      '{"event":"connected","connection":"K7QF2MAA","login":"eve","session":"s"}\n',
    );
    expect((await search('users;')).hits[0]?.recording.login).toBe('eve');
  });
});

describe('the index', () => {
  test('is a file of its owner alone', async () => {
    await recorded('K7QF2MAA', screenful);
    await search('users;');
    expect(statSync(places.index).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'search')).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['no database', () => writeFileSync(places.index, 'x'.repeat(8192), { mode: 0o600 })],
    ['cut', () => truncateSync(places.index, 5000)],
    ['empty', () => truncateSync(places.index, 0)],
    ['readable to others', () => chmodSync(places.index, 0o644)],
  ])('is made anew when it is %s', async (_, spoil) => {
    await recorded('K7QF2MAA', screenful);
    expect(await textsOf('users;')).toHaveLength(1);
    rmSync(`${places.index}-wal`, { force: true });
    rmSync(`${places.index}-shm`, { force: true });
    spoil();
    const found = async (): Promise<readonly string[]> => textsOf('users;');
    const again = async (error: unknown): Promise<readonly string[]> => {
      expect(error).toBeInstanceOf(IndexDamaged);
      SearchIndex.remove(places.index);
      return found();
    };
    expect(await found().catch(again)).toHaveLength(1);
  });

  test('a damaged document is noticed when it is read', async () => {
    await recorded('K7QF2MAA', screenful);
    await search('users;');
    using index = SearchIndex.open(places.index);
    await index.whole(() => {
      const number = index.addRecording('K7QF2MBB', began);
      const packed = zstdCompressSync('0\tusers;\n').subarray(0, -1);
      return Promise.resolve(index.addDocument(number, { isTyped: false, words: 'users;', packed }));
    });
    await recorded('K7QF2MBB', screenful);
    await expect(search('users;')).rejects.toThrow(IndexDamaged);
  });

  test('a recording is added as a whole or not at all', async () => {
    using index = SearchIndex.open(places.index);
    const add = async (): Promise<void> => {
      index.addRecording('K7QF2MAA', began);
      await Promise.reject(new Error('killed'));
    };
    await expect(index.whole(add)).rejects.toThrow('killed');
    expect(index.recordings()).toEqual([]);
  });

  test('one program writes at a time; the others are told to wait', async () => {
    using index = SearchIndex.open(places.index);
    using other = SearchIndex.open(places.index);
    await index.whole(async () => {
      expect(await other.whole(() => Promise.resolve())).toBe(false);
    });
    expect(await other.whole(() => Promise.resolve())).toBe(true);
  });
});
