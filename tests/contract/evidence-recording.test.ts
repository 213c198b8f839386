// Which file of a recording goes into evidence, while the keeper seals it: the one that the journal that was read tells of.
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SealedMeanwhile } from '../../src/evidence/access-files.ts';
import { recordingIn } from '../../src/evidence/readers.ts';

const top = mkdtempSync(join(tmpdir(), 'tmux-gate-evidence-'));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(top, 'recordings-'));
  mkdirSync(join(folder, '2026-11-30'));
});
afterAll(() => {
  rmSync(top, { recursive: true, force: true });
});

const id = 'K7QF2M9ABC';
const have = (...endings: readonly string[]): void => {
  for (const ending of endings) writeFileSync(join(folder, `2026-11-30/${id}${ending}`), ending);
};
const chosen = async (isSealed: boolean): Promise<string | undefined> =>
  (await recordingIn(folder, id, `/x/2026-11-30/${id}.cast`, isSealed))?.ending;

test('the plain one, although the sealed one is there already and its record is not', async () => {
  have('.cast', '.cast.zst');
  expect(await chosen(false)).toBe('.cast');
});

test('the sealed one once its record was read, also while the plain one is still there', async () => {
  have('.cast', '.cast.zst');
  expect(await chosen(true)).toBe('.cast.zst');
});

test.each(['.cast.zst', '.cast.zst.age'])('%s without its record: the journal has to be read again', async (ending) => {
  have(ending);
  await expect(chosen(false)).rejects.toThrow(SealedMeanwhile);
  expect(await chosen(true)).toBe(ending);
});

test('none where there is none', async () => {
  expect([await chosen(false), await chosen(true)]).toEqual([undefined, undefined]);
});
