// What comes after the end of a recording (src/keeper/recordings/sealing): over real files, with a journal in memory.
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFacts } from '../../src/adapters/recordings/facts.ts';
import { openRecording } from '../../src/adapters/recordings/open.ts';
import { dayOf, files, forgotten, lines, recipient, recorded, seal, text, world } from './over-recordings.ts';

describe('sealing', () => {
  test('leaves the sealed file, its record, and what is remembered of it', async () => {
    await seal(recorded());
    const file = `${dayOf()}/C1C1.cast.zst`;
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    const bytes = readFileSync(file).length;
    expect(files()).toEqual(['C1C1.cast.zst', 'C1C1.json']);
    expect(lines('recording-sealed')).toEqual([
      { event: 'recording-sealed', connection: 'C1C1', file, bytes, sha256: digest, recipients: [] },
    ]);
    expect(await readFacts(`${dayOf()}/C1C1`)).toMatchObject({
      ...{ connection: 'C1C1', session: 'prod-db', login: 'alice', request: 'R1', grant: 'G1' },
      ...{ file: 'C1C1.cast.zst', bytes, sha256: digest },
    });
  });

  test('law 7: while the journal is full, the plain file stays; then it is sealed, once', async () => {
    const recording = recorded();
    world.journal.full = true;
    await expect(seal(recording)).rejects.toThrow('JOURNAL_DOWN');
    expect(files()).toEqual(['C1C1.cast', 'C1C1.cast.zst']);
    world.journal.full = false;
    await seal(recording);
    expect(files()).toEqual(['C1C1.cast.zst', 'C1C1.json']);
    expect(lines('recording-sealed')).toHaveLength(1);
  });

  test.each([[[]], [[recipient]]])('a keeper that died after the record is finished by the next: %j', async (to) => {
    const recording = recorded();
    await seal(recording, to);
    const sealed = readFileSync(`${dayOf()}/${to.length === 0 ? 'C1C1.cast.zst' : 'C1C1.cast.zst.age'}`);
    recorded(); // the plain file was not removed yet
    await seal(recording, to);
    expect(lines('recording-sealed')).toHaveLength(1);
    expect(files()).toEqual([to.length === 0 ? 'C1C1.cast.zst' : 'C1C1.cast.zst.age', 'C1C1.json']);
    expect(readFileSync(`${dayOf()}/${files()[0]}`).equals(sealed)).toBe(true);
    await seal(recording, to); // and before its state was
    expect(lines('recording-sealed')).toHaveLength(1);
    expect(forgotten).toHaveLength(to.length === 0 ? 0 : 2);
  });

  test('a sealed file that is not the journaled one is made again, and journaled again', async () => {
    const recording = recorded();
    await seal(recording);
    recorded();
    writeFileSync(`${dayOf()}/C1C1.cast.zst`, 'not it');
    await seal(recording);
    expect(lines('recording-sealed')).toHaveLength(2);
    await (await openRecording(`${dayOf()}/C1C1`)).close();
  });

  test('nothing but the encrypted file stays of an encrypted recording', async () => {
    const recording = recorded();
    world.journal.full = true;
    await expect(seal(recording)).rejects.toThrow('JOURNAL_DOWN'); // the policy named no recipient yet
    world.journal.full = false;
    for (const left of ['cast.zst.new', 'keyframes']) writeFileSync(`${dayOf()}/C1C1.${left}`, text);
    await seal(recording, [recipient]);
    expect(files()).toEqual(['C1C1.cast.zst.age', 'C1C1.json']);
    expect(lines('recording-sealed')).toMatchObject([{ recipients: [recipient] }]);
    for (const one of files()) expect(readFileSync(`${dayOf()}/${one}`).includes('customer')).toBe(false);
    expect(forgotten).toEqual([['C1C1.cast.zst.age', 'C1C1.json']]);
  });

  test.each([
    ['changed', text.replace('customer', 'CUSTOMER')],
    ['longer', `${text}[2,"o","more"]\n`],
    ['shorter', text.slice(0, -9)],
  ])('law 7: one that is %s is told and stays as it is', async (what, found) => {
    const recording = recorded();
    writeFileSync(recording.file, found);
    await seal(recording);
    expect(files()).toEqual(['C1C1.cast']);
    expect(lines('recording-changed')).toEqual([
      { event: 'recording-changed', connection: 'C1C1', what, bytes: text.length, found: found.length },
    ]);
    expect(lines('recording-sealed')).toEqual([]);
    expect(world.alarms).toEqual([expect.stringContaining(what)]);
  });

  test('one that was told before, or that has no bytes, is left alone', async () => {
    await seal(recorded('C1C1', { changed: true }));
    await seal(recorded('C2C2', { cuts: [] }));
    expect(files()).toEqual(['C1C1.cast', 'C2C2.cast']);
    expect(world.journal.lines).toEqual([]);
  });
});
