// How long a recording is kept (src/keeper/recordings/keeping): held, purged by root, purged by its age.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { openRecording } from '../../src/adapters/recordings/open.ts';
import { day, hour } from '../../src/core/time.ts';
import { openKeeping, type Keeping } from '../../src/keeper/recordings/keeping.ts';
import type { Outbox } from '../../src/keeper/state/outbox.ts';
import { openUnsealed } from '../../src/keeper/state/unsealed.ts';
import {
  clock,
  dayOf,
  files,
  forgotten,
  holds,
  keeping,
  lines,
  pass,
  recorded,
  reopenHolds,
  root,
  seal,
  setClock,
  world,
} from './over-recordings.ts';

describe('hold and purge', () => {
  let kept: Keeping;
  beforeEach(async () => {
    kept = keeping();
    await seal(recorded());
  });

  test.each(['C1C1', 'G1', 'R1'])('a recording is found by its connection, grant and request: %s', async (id) => {
    await seal(recorded('C2C2', { grant: 'G2' }));
    const found = (await kept.find(id)).map(({ connection }) => connection);
    expect(found).toEqual(id === 'R1' ? ['C1C1', 'C2C2'] : ['C1C1']);
  });

  test('one that is not there is said', async () => {
    await expect(kept.find('ZZZZ')).rejects.toMatchObject({ code: 'RECORDING_UNKNOWN' });
  });

  test('law 7: a purge is journaled, with digest and reason, before the file goes', async () => {
    const [one] = lines('recording-sealed');
    world.journal.full = true;
    await expect(kept.purge(await kept.find('C1C1'), root)).rejects.toMatchObject({ code: 'JOURNAL_DOWN' });
    expect(files()).toEqual(['C1C1.cast.zst', 'C1C1.json']);
    world.journal.full = false;
    for (const left of ['C1C1.keyframes', 'C1C1.keyframes.77', 'C1C12.keyframes'])
      writeFileSync(`${dayOf()}/${left}`, 'screens of it');
    await kept.purge(await kept.find('C1C1'), root);
    expect(lines('recording-purged')).toMatchObject([
      { connection: 'C1C1', ...root, file: 'C1C1.cast.zst', sha256: one?.['sha256'] },
    ]);
    expect(files()).toEqual(['C1C1.json', 'C1C12.keyframes']);
    expect(forgotten).toEqual([files()]);
    const at = new Date(clock.now).toISOString().slice(0, 19).replace('T', ' ');
    await expect(openRecording(`${dayOf()}/C1C1`)).rejects.toMatchObject({
      why: 'purged',
      message: `${dayOf()}/C1C1 was purged on ${at} UTC by root (dave) because: LEGAL-7`,
    });
  });

  test('a hold beats a purge until it is released', async () => {
    await kept.hold('C1C1', root);
    expect(lines('recording-held')).toMatchObject([{ connection: 'C1C1', ...root }]);
    await expect(kept.purge(await kept.find('C1C1'), root)).rejects.toMatchObject({ code: 'RECORDING_HELD' });
    await reopenHolds();
    kept = keeping();
    await expect(kept.purge(await kept.find('C1C1'), root)).rejects.toMatchObject({ code: 'RECORDING_HELD' });
    expect(files()).toEqual(['C1C1.cast.zst', 'C1C1.json']);
    await kept.release('C1C1', root);
    expect(lines('recording-released')).toMatchObject([{ connection: 'C1C1', ...root }]);
    await kept.purge(await kept.find('C1C1'), root);
    expect(files()).toEqual(['C1C1.json']);
  });

  test('of the recordings of a request, all are purged or none', async () => {
    await seal(recorded('C2C2'));
    await kept.hold('C2C2', root);
    await expect(kept.purge(await kept.find('R1'), root)).rejects.toMatchObject({ code: 'RECORDING_HELD' });
    expect(files()).toEqual(['C1C1.cast.zst', 'C1C1.json', 'C2C2.cast.zst', 'C2C2.json']);
  });

  test('one that is not finished can be held and not purged', async () => {
    const open = recorded('C3C3', { request: 'R3' });
    await openUnsealed(world.deps.layout.unsealed, world.deps.log).save(open, false);
    await expect(kept.purge(await kept.find('R3'), root)).rejects.toMatchObject({ code: 'RECORDING_OPEN' });
    await kept.hold('C3C3', root);
    expect(existsSync(open.file)).toBe(true);
  });

  test('one that was never sealed is purged by its id, and the record has no digest of a sealed file', async () => {
    recorded('CCCC');
    await kept.purge(await kept.find('CCCC'), root);
    expect(lines('recording-purged')).toMatchObject([{ connection: 'CCCC', file: 'CCCC.cast', sha256: undefined }]);
    expect(existsSync(`${dayOf()}/CCCC.cast`)).toBe(false);
  });

  test('a keeper that died after the record of a purge, or of a hold, is finished by the next', async () => {
    const redo: Partial<Record<string, string>> = {};
    const allow: Outbox['allow'] = async (owed) => Promise.resolve(void (redo[owed.event] = owed.redo));
    const dying = openKeeping({
      searchIndexing: { forget: async () => Promise.resolve() },
      ...{ ...world.deps, holds, now: () => clock.now, monotonicNow: () => clock.monotonic, outbox: { allow } },
      unsealed: { all: async () => Promise.resolve([]) },
    });
    await dying.hold('C1C1', root);
    await kept.again('recording-held', redo['recording-held'] ?? '');
    expect(holds.of('C1C1')).toMatchObject(root);
    await holds.release('C1C1');
    await dying.purge(await dying.find('C1C1'), root);
    expect(files()).toEqual(['C1C1.cast.zst', 'C1C1.json']);
    await kept.again('recording-purged', redo['recording-purged'] ?? '');
    expect(files()).toEqual(['C1C1.json']);
    await expect(kept.again('recording-purged', '{}')).rejects.toThrow('cannot be read');
  });
});

describe('keep', () => {
  beforeEach(async () => seal(recorded()));

  test('purges what is older, in the name of the policy, and only once', async () => {
    const kept = keeping({ keep: 365 * day }, { keep: 90 * day });
    pass(89 * day);
    expect(await kept.look()).toBe(0);
    pass(day + hour);
    expect(await kept.look()).toBe(1);
    expect(lines('recording-purged')).toMatchObject([
      { connection: 'C1C1', by: 'policy', reason: 'recordings of prod-db are kept 90d', file: 'C1C1.cast.zst' },
    ]);
    expect(files()).toEqual(['C1C1.json']);
    expect(await kept.look()).toBe(0);
    expect(forgotten).toEqual([['C1C1.json']]);
  });

  test('a session that is not in the policy any more is kept as all are', async () => {
    await seal(recorded('C2C2', { session: 'gone' }));
    const kept = keeping({ keep: 'forever' }, { keep: 'forever' });
    pass(9999 * day);
    expect(await kept.look()).toBe(0);
    const shorter = keeping({ keep: 30 * day }, { keep: 'forever' });
    pass(hour);
    expect(await shorter.look()).toBe(1);
    expect(lines('recording-purged')).toMatchObject([{ connection: 'C2C2' }]);
  });

  test('without a word, everything stays; and so does what is held', async () => {
    pass(9999 * day);
    const nothing = keeping();
    const kept = keeping({ keep: day });
    await kept.hold('C1C1', root);
    pass(hour);
    expect(await nothing.look()).toBe(0);
    expect(await kept.look()).toBe(0);
    await kept.release('C1C1', root);
    expect(await kept.look()).toBe(1);
  });

  test('not by a clock that was set', async () => {
    const kept = keeping({ keep: day });
    setClock(999 * day, 2 * hour);
    expect(await kept.look()).toBe(0);
    expect(world.deps.log.said).toContainEqual({ event: 'keep-waits-for-the-clock' });
    pass(hour - 1);
    expect(await kept.look()).toBe(0);
    pass(1);
    expect(await kept.look()).toBe(1);
  });

  test('what could not be sealed stays', async () => {
    recorded('DDDD');
    const kept = keeping({ keep: day });
    pass(999 * day);
    expect(await kept.look()).toBe(1);
    expect(files()).toEqual(['C1C1.json', 'DDDD.cast']);
  });
});
