// The records that are owed, over real files; the journal is a list that can be full.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Owed } from '../../../src/core/owed.ts';
import { openOutbox, type Outbox } from '../../../src/keeper/state/outbox.ts';

type Record_ = Readonly<Record<string, unknown>>;

let folder: string;
let records: Record_[];
let full: boolean;
let said: string[];
let boxes: Outbox[];

const journal = {
  write: async (event: string, fields: Record_): Promise<void> => {
    if (full) throw new Error('no space');
    records.push({ event, ...fields });
    return Promise.resolve();
  },
  // A byte a record.
  extent: async () => Promise.resolve({ path: '', bytes: records.length, head: '' }),
  records: async function* (_?: unknown, from = 0): AsyncGenerator<Record_> {
    yield* await Promise.resolve(records.slice(from));
  },
};
let clock: number;

/** As a keeper that starts opens it. */
async function opened(): Promise<Outbox> {
  const heard = said; // a write that nobody waits for may fail behind its test
  const note = (event: string): unknown => heard.push(event);
  const box = await openOutbox({ folder, journal, log: { warn: note, error: note }, now: () => clock });
  boxes.push(box);
  return box;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  [records, full, said, boxes, clock] = [[], false, [], [], 1_000_000];
});
afterEach(() => {
  for (const box of boxes) box.close();
  rmSync(folder, { recursive: true, force: true });
  jest.useRealTimers();
});

const owed: Owed = {
  event: 'disconnected',
  is: { connection: 'C1' },
  facts: { connection: 'C1', why: 'revoked by bob' },
  began: 'connected',
};
const killed = [{ pid: 7, uid: 1, comm: 'sleep', ageMs: 0 }];
const files = (): string[] => readdirSync(folder);
const begin = async (box: Outbox): Promise<void> =>
  box.begin(owed, async () => journal.write('connected', { connection: 'C1' }));

describe('rule 1: what begins', () => {
  test('is owed its end from before its record on', async () => {
    const box = await opened();
    let entered = 0;
    await box.begin(owed, () => {
      entered = files().length;
      return Promise.resolve();
    });
    expect(entered).toBe(1);
    expect((await opened()).all()).toMatchObject([{ event: 'disconnected', ending: false }]);
  });

  test('and is not written down as having begun is owed nothing', async () => {
    const box = await opened();
    full = true;
    await expect(begin(box)).rejects.toThrow('no space');
    expect(box.all()).toEqual([]);
    expect(files()).toEqual([]);
  });

  test('is entered once', async () => {
    const box = await opened();
    await begin(box);
    await box.begin({ ...owed, facts: {} });
    expect(box.all()).toMatchObject([{ facts: owed.facts }]);
  });

  test('does not begin without its entry', async () => {
    const box = await opened();
    rmSync(folder, { recursive: true });
    await expect(begin(box)).rejects.toThrow('ENOENT');
    expect(records).toEqual([]);
  });
});

describe('rule 2: what is about to end', () => {
  test('is on disk with why and what is killed before anything is', async () => {
    const box = await opened();
    await begin(box);
    await box.intend({ ...owed, gone: { killed } });
    const [entry] = (await opened()).all();
    expect(entry).toMatchObject({ ending: true, gone: { killed }, facts: { why: 'revoked by bob' } });
  });

  test('keeps what was said first, and all that was killed', async () => {
    await (await opened()).intend({ ...owed, gone: { killed } });
    const next = await opened();
    const more = [{ pid: 8, uid: 1, comm: 'cat', ageMs: 0 }];
    await next.record({ ...owed, facts: { why: 'at start: its gate was gone', lasted: '5m' }, gone: { killed: more } });
    expect(records).toMatchObject([{ event: 'disconnected', why: 'revoked by bob', lasted: '5m' }]);
    expect((records[0]?.['killed'] as { pid: number }[]).map(({ pid }) => pid)).toEqual([7, 8]);
  });

  test('is written anew only where it has changed', async () => {
    const box = await opened();
    await box.intend(owed);
    const [name = ''] = files();
    const { ino } = statSync(join(folder, name));
    full = true;
    await box.record(owed);
    expect(statSync(join(folder, name)).ino).toBe(ino);
    await box.intend({ ...owed, gone: { killed } });
    expect(statSync(join(folder, name)).ino).not.toBe(ino);
  });

  test('what has a state file of its own loses it behind the record, or where its entry holds all of it', async () => {
    const box = await opened();
    const told: string[] = [];
    const forget = async (): Promise<void> => Promise.resolve(void told.push(`${records.length}`));
    await box.recordAndForget(owed, forget);
    full = true;
    await box.recordAndForget({ ...owed, is: { connection: 'C2' } }, forget);
    expect(told).toEqual(['1', '1']);
    expect(files()).toHaveLength(1);
  });

  test('ends all the same where it cannot be entered', async () => {
    const box = await opened();
    rmSync(folder, { recursive: true });
    await box.intend(owed);
    expect(said).toEqual(['outbox-not-written']);
    let forgot = 0;
    full = true;
    await box.recordAndForget(owed, async () => Promise.resolve(void (forgot += 1)));
    expect(forgot).toBe(0); // nothing else would tell the next keeper
    full = false;
    expect(await box.record(owed)).toBeUndefined();
    expect(records).toHaveLength(1);
  });
});

describe('rule 3: a record is written once', () => {
  test('also by a keeper that starts between the record and the removal of its entry', async () => {
    const box = await opened();
    await begin(box);
    await box.intend(owed);
    records.push({ event: 'disconnected', connection: 'C1' });
    const next = await opened();
    const { recorded } = await next.found(next.all());
    expect([...recorded]).toEqual(next.all());
    await next.record(owed);
    expect(records.filter(({ event }) => event === 'disconnected')).toHaveLength(1);
    expect(files()).toEqual([]);
  });

  test('and the rest of it where some of its lines are missing', async () => {
    const most = Array.from({ length: 50 }, (_, pid) => ({ pid, uid: 1, comm: 'sleep', ageMs: 0 }));
    await (await opened()).intend({ ...owed, gone: { killed: most } });
    records.push({ event: 'disconnected', connection: 'C1' });
    const next = await opened();
    const { recorded } = await next.found(next.all());
    expect(recorded.size).toBe(0);
    await next.record(owed);
    expect(records.map(({ event }) => event)).toEqual(['disconnected', 'killed-too']);
  });

  test('an older record of the same kind is none of it', async () => {
    records.push({ event: 'disconnected', connection: 'C1' });
    await (await opened()).intend(owed);
    const next = await opened();
    expect((await next.found(next.all())).recorded.size).toBe(0);
  });

  test('whether it began is looked for only until it is certain', async () => {
    const box = await opened();
    await box.begin(owed);
    const uncertain = await opened();
    expect((await uncertain.found(uncertain.all())).began.size).toBe(0);
    records.push({ event: 'connected', connection: 'C1' });
    const [entry] = uncertain.all();
    expect((await uncertain.found(uncertain.all())).began.has(entry as never)).toBe(entry?.began !== undefined);
    expect(await uncertain.found([])).toEqual({ recorded: new Set(), began: new Set() });
  });
});

describe('rule 4: with the journal full', () => {
  test('it is kept, told once, and written when there is room, with when it happened', async () => {
    jest.useFakeTimers();
    const box = await opened();
    full = true;
    let followed = 0;
    const after = async (): Promise<void> => Promise.resolve(void (followed += 1));
    expect(await box.record({ ...owed, gone: { killed } }, after)).toMatchObject({ code: 'JOURNAL_DOWN' });
    expect(files()).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(11_000);
    expect([said, followed, records]).toEqual([['not-journaled'], 0, []]);
    full = false;
    clock += 60_000;
    await jest.advanceTimersByTimeAsync(6_000);
    expect(records).toMatchObject([{ event: 'disconnected', happened: '1970-01-01 00:16:40 UTC' }]);
    expect(followed).toBe(1);
    expect(box.all()).toEqual([]);
  });

  test('the next record that is taken brings the others', async () => {
    const box = await opened();
    full = true;
    await box.record(owed);
    full = false;
    await box.record({ ...owed, is: { connection: 'C2' }, facts: { connection: 'C2' } });
    for (let n = 0; n < 100 && records.length < 2; n++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(records.map(({ connection }) => connection)).toEqual(['C2', 'C1']);
  });

  test('a keeper that starts finds it', async () => {
    full = true;
    const first = await opened();
    await first.record({ ...owed, gone: { killed } });
    first.close();
    full = false;
    const next = await opened();
    for (const entry of next.all()) await next.record(entry);
    expect(records).toMatchObject([{ event: 'disconnected', killed: [{ pid: 7 }] }]);
    expect(files()).toEqual([]);
  });

  test('what follows is done behind the record, again and again, and the record is not written twice', async () => {
    jest.useFakeTimers();
    const box = await opened();
    let tries = 0;
    const after = async (): Promise<void> => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return Promise.resolve();
    };
    expect(await box.record(owed, after)).toMatchObject({ code: 'JOURNAL_DOWN' });
    await jest.advanceTimersByTimeAsync(20_000);
    expect(tries).toBe(3);
    expect(records).toHaveLength(1);
  });
});

describe('what only its record allows', () => {
  const unlock: Owed = { event: 'unlocked', is: { target: 'alice', number: 2 }, facts: { by: 'bob' }, redo: '{}' };

  test('is done behind it', async () => {
    const box = await opened();
    const order: unknown[] = [];
    await box.allow(unlock, async () => Promise.resolve(order.push(...records.map(({ event }) => event))));
    expect(order).toEqual(['unlocked']);
    expect(box.all()).toEqual([]);
  });

  test('is not done without it, and not later either', async () => {
    jest.useFakeTimers();
    const box = await opened();
    full = true;
    let done = false;
    await expect(box.allow(unlock, async () => Promise.resolve((done = true)))).rejects.toMatchObject({
      code: 'JOURNAL_DOWN',
    });
    full = false;
    await jest.advanceTimersByTimeAsync(20_000);
    expect([done, records, files()]).toEqual([false, [], []]);
  });

  test('and could not be done is written down as not done', async () => {
    const box = await opened();
    await expect(box.allow(unlock, async () => Promise.reject(new Error('disk full')))).rejects.toMatchObject({
      code: 'JOURNAL_DOWN',
    });
    expect(records).toMatchObject([
      { event: 'unlocked', by: 'bob' },
      { event: 'act-failed', of: 'unlocked', target: 'alice', number: 2 },
    ]);
    expect(files()).toEqual([]);
  });
});

test('an entry that cannot be read is told of and stays where it is', async () => {
  await (await opened()).intend(owed);
  const [name = ''] = files();
  writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').slice(0, 20));
  writeFileSync(join(folder, 'x.json.new'), '');
  const next = await opened();
  expect(next.all()).toEqual([]);
  expect(said).toEqual(['outbox-entry-unreadable']);
  expect(files()).toContain(name);
});
