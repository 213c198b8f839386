// What the keeper writes for the next one can be read by the next one, or the file of before stays.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readState, writeState } from '../../../src/adapters/state-file.ts';
import { list, text } from '../../../src/core/shape.ts';
import { openPins } from '../../../src/keeper/state/pins.ts';
import { openTombstones } from '../../../src/keeper/state/tombstones.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmux-gate-records-'));
});
afterAll(async () => rm(folder, { recursive: true }));

test.each([
  ['more entries than are read', ['a', 'b', 'c', 'd'], list(text(9), 3)],
  ['an entry that is longer', ['a'.repeat(10)], list(text(9), 3)],
  ['more characters than are read', ['a'.repeat(4 * 1024 * 1024)], list(text(9 * 1024 * 1024), 3)],
])('%s: the write fails and says why, and what stood there still does', async (_, value, shape) => {
  const path = join(folder, 'list.json');
  await writeState(path, ['first'], true, shape);
  await expect(writeState(path, value, true, shape)).rejects.toThrow(/list\.json stays as it is: .* read again/);
  expect(await readState(path, shape)).toEqual(['first']);
});

test('a pin that could not be read again pins nobody, neither now nor for the next keeper', async () => {
  const path = join(folder, 'pins.json');
  const pins = await openPins(path);
  await pins.set('alice', { issuer: 'https://id.example.com', subject: 'a' });
  await expect(pins.set('bob', { issuer: 'https://id.example.com', subject: 'b'.repeat(256) })).rejects.toThrow();
  expect(pins.logins()).toEqual(['alice']);
  expect((await openPins(path)).logins()).toEqual(['alice']);
});

test('tombstones that are over make room for the next', async () => {
  const path = join(folder, 'tombstones.json');
  let now = 1;
  const stones = await openTombstones(path, () => now);
  await stones.add('OLD', 5);
  now = 6;
  await stones.add('NEW', 10);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual([{ id: 'NEW', until: 10 }]);
});
