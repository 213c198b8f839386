// What is purged or encrypted leaves the index of `find`, to the last byte (src/recordings/search/search-index.ts, rule 4).
import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forgetGone } from '../../../src/recordings/search/catch-up.ts';
import { SearchIndex } from '../../../src/recordings/search/search-index.ts';
import { baseOf, began, folder, places, recorded, screenful, textsOf, type Event } from './searched.ts';

/** Three characters that no other text has, as FTS5 stores a word. */
const secret = 'жщю';
const wait = (): void => expect('waited').toBe('alone');

/** The files of the index that hold these bytes. */
const holding = (bytes: string | Uint8Array): readonly string[] =>
  readdirSync(join(folder, 'search')).filter((name) => readFileSync(join(folder, 'search', name)).includes(bytes));

/** Pieces of what is stored: SQLite spreads a long value over pages. The last one is as long, since a short one would be found elsewhere. */
const piecesOf = (packed: readonly Uint8Array[]): readonly Uint8Array[] =>
  packed.flatMap((bytes) =>
    Array.from({ length: Math.ceil(bytes.length / 64) }, (_, n) =>
      bytes.subarray(Math.max(0, Math.min(n * 64, bytes.length - 64)), (n + 1) * 64),
    ),
  );

const packedOf = (index: SearchIndex, id: string): readonly Uint8Array[] => {
  const { number = 0 } = index.recordings().find((one) => one.id === id) ?? {};
  return (index.candidates(undefined, false).get(number) ?? []).map((one) => index.packed(one.number));
};

/** Two recordings, of which one is to go. @returns its texts as they are stored, in pieces */
async function indexed(): Promise<readonly Uint8Array[]> {
  const rows = Array.from({ length: 400 }, (_, n): Event => [n, 'o', `row ${randomBytes(20).toString('hex')}\r\n`]);
  await recorded('K7QF2MAA', [...rows.slice(200), [500, 'o', `${secret} of a customer`], [501, 'i', `${secret}\r`]]);
  await recorded('K7QF2MBB', [...rows.slice(0, 200), ...screenful.map(([at, ...more]): Event => [at + 500, ...more])]);
  expect(await textsOf(secret)).toHaveLength(2);
  using index = SearchIndex.open(places.index);
  return piecesOf(packedOf(index, 'K7QF2MAA'));
}

test('leaves its files: no word and no text of it stays in any byte of them, while another program reads', async () => {
  const packed = await indexed();
  using reader = SearchIndex.open(places.index); // so that the log stays
  expect(holding(secret)).not.toEqual([]);
  expect(packed.filter((bytes) => holding(bytes).length > 0).length).toBeGreaterThan(50);
  rmSync(`${baseOf('K7QF2MAA')}.cast.zst`);
  using index = SearchIndex.open(places.index);
  await forgetGone(index, places.recordings, wait);
  expect([secret, ...packed].flatMap(holding)).toEqual([]);
  expect(reader.recordings().map(({ id }) => id)).toEqual(['K7QF2MBB']);
  expect(await textsOf('users;')).toHaveLength(1);
});

test('also where a program was killed after it had removed it', async () => {
  const packed = await indexed();
  rmSync(`${baseOf('K7QF2MAA')}.cast.zst`);
  using index = SearchIndex.open(places.index);
  await index.whole(() => {
    const { number = 0 } = index.recordings().find(({ id }) => id === 'K7QF2MAA') ?? {};
    return Promise.resolve(index.removeRecordings([number]));
  });
  expect(packed.flatMap(holding)).not.toEqual([]);
  expect(await textsOf(secret)).toEqual([]);
  expect([secret, ...packed].flatMap(holding)).toEqual([]);
});

test('also from the log, where a program was killed while it added', async () => {
  await indexed();
  const noise = randomBytes(4 * 1024 * 1024);
  using index = SearchIndex.open(places.index);
  const add = async (): Promise<void> => {
    const number = index.addRecording('K7QF2MCC', began);
    for (let n = 0; n < 64; n += 1)
      index.addDocument(number, { isTyped: false, words: '', packed: noise.subarray(n << 16, (n + 1) << 16) });
    await Promise.reject(new Error('killed'));
  };
  await expect(index.whole(add)).rejects.toThrow('killed');
  const some = noise.subarray(8, 40);
  expect(holding(some)).toEqual(['index.db-wal']);
  await forgetGone(index, places.recordings, wait);
  expect(holding(some)).toEqual([]);
});

test('waits for whoever adds meanwhile, and takes out what that one added', async () => {
  await recorded('K7QF2MAA', screenful);
  using adding = SearchIndex.open(places.index);
  using index = SearchIndex.open(places.index);
  const added = Promise.withResolvers<undefined>();
  const whole = adding.whole(async () => {
    adding.addRecording('K7QF2MBB', began); // its file was purged while it was read
    await added.promise;
  });
  const waits: string[] = [];
  const first = forgetGone(index, places.recordings, () => {
    waits.push('waited');
    added.resolve(undefined);
  });
  await Promise.all([whole, first]);
  expect(waits).not.toEqual([]);
  expect(index.recordings()).toEqual([]);
});
