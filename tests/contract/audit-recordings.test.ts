// Copies of a journal and of the folder of recordings on a third machine: what `audit verify --journal COPY --recordings COPY` finds
// (src/cli/audit-recordings.ts). The host's root has its keys; what it drops or edits of the recordings is named all the same.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyRecordings, type RecordingsVerdict } from '../../src/cli/audit-recordings.ts';
import { temporary, type Folder } from '../unit/gate/folder.ts';
import { castOf, day, journaled } from './recording-records.ts';

const ids = ['AAAA000001', 'BBBB000002', 'CCCC000003'] as const;

let folder: Folder;
let records: object[];
const at = (name: string): string => join(folder.path, name);

beforeEach(() => {
  folder = temporary();
  for (const name of ['journal', `recordings/${day}`]) mkdirSync(at(name), { recursive: true });
  records = ids.flatMap((id) => journaled(id));
  for (const id of ids) writeFileSync(at(`recordings/${day}/${id}.cast`), castOf(id));
});
afterEach(() => folder[Symbol.dispose]());

async function verified(recordings: string | undefined = at('recordings')): Promise<RecordingsVerdict> {
  writeFileSync(at('journal/journal.jsonl'), records.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return verifyRecordings({ journal: at('journal'), recordings });
}

const fileOf = (id: string): string => at(`recordings/${day}/${id}`);

test('copies that are whole, wherever they are', async () => {
  expect(await verified()).toEqual({ ok: true, recordings: 3, faults: [], unproved: [] });
  renameSync(at('recordings'), at('copy'));
  expect(await verified(at('copy'))).toMatchObject({ ok: true, recordings: 3 });
});

describe('what root of the host did to its recordings is named, with its file and its record', () => {
  test('one that was dropped', async () => {
    rmSync(`${fileOf(ids[1])}.cast`);
    expect((await verified()).faults).toEqual([
      { connection: ids[1], line: 8, problem: 'is not there, and nobody purged it', file: fileOf(ids[1]) },
    ]);
  });

  test('one that was edited, and which of its bytes', async () => {
    const text = castOf(ids[2]);
    writeFileSync(`${fileOf(ids[2])}.cast`, text.replace('more', 'less'));
    const { ok, faults } = await verified();
    expect(ok).toBe(false);
    expect(faults).toEqual([
      {
        ...{ connection: ids[2], line: 12, problem: expect.stringContaining('edited'), file: fileOf(ids[2]) },
        bytes: { from: text.indexOf('\n') + 1, to: text.length },
      },
    ]);
  });

  test('one that was added to, and one that was cut', async () => {
    appendFileSync(`${fileOf(ids[0])}.cast`, '[9,"o","more"]\n');
    writeFileSync(`${fileOf(ids[1])}.cast`, castOf(ids[1]).slice(0, -5));
    expect((await verified()).faults).toMatchObject([
      { connection: ids[0], problem: expect.stringContaining('longer') },
      { connection: ids[1], problem: expect.stringContaining('shorter') },
    ]);
  });

  test('the whole folder', async () => {
    rmSync(at(`recordings/${day}`), { recursive: true });
    expect((await verified()).faults.map(({ connection }) => connection)).toEqual(ids);
  });
});

test('one that was purged is not missed', async () => {
  rmSync(`${fileOf(ids[1])}.cast`);
  records.push({ event: 'recording-purged', connection: ids[1], by: 'root', reason: 'LEGAL-7' });
  expect(await verified()).toMatchObject({ ok: true, recordings: 3, faults: [] });
});

test('rule 3: a journal that names another file of this machine has nobody look at it', async () => {
  records = [...journaled('other', `${at('recordings')}/../other.cast`)];
  writeFileSync(at('other.cast'), castOf('other'));
  const { faults } = await verified();
  expect(faults).toEqual([
    { connection: 'other', line: 4, problem: 'has digests, but the journal does not say where it is' },
  ]);
});

test('without a folder they are looked for where the journal says', async () => {
  records = [...journaled(ids[0], `${fileOf(ids[0])}.cast`)];
  expect(await verified(undefined)).toMatchObject({ ok: true, recordings: 1 });
  rmSync(`${fileOf(ids[0])}.cast`);
  expect((await verified(undefined)).ok).toBe(false);
});
