import { describe, expect, test } from '@jest/globals';
import {
  entryKey,
  entryOf,
  entryShape,
  hasBegun,
  isBeginning,
  recordsOf,
  standsFor,
  withGone,
  type Entry,
} from '../../../src/core/owed.ts';

const entry: Entry = {
  event: 'disconnected',
  is: { connection: 'C1' },
  facts: { connection: 'C1', login: 'alice' },
  began: 'connected',
  from: 0,
  ending: false,
  at: 5,
};
const many = (
  count: number,
  first = 1,
): Entry['gone'] extends undefined ? never : NonNullable<Entry['gone']>['killed'] =>
  Array.from({ length: count }, (_, n) => ({ pid: first + n, uid: 7, comm: 'sleep', ageMs: 1500 }));

describe('an entry', () => {
  test('is read as it was written', () => {
    const whole = { ...entry, gone: { killed: many(1), ended: [] }, redo: 'again' };
    expect(entryShape(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    for (const facts of [null, 'text', [1]]) expect(entryShape({ ...entry, facts })).toBeUndefined();
  });

  test('has one name for one owed record', () => {
    expect(entryKey(entry)).toBe(entryKey({ ...entry, facts: {} } as Entry));
    expect(entryKey(entry)).not.toBe(entryKey({ ...entry, is: { connection: 'C2' } }));
    expect(entryKey(entry)).not.toBe(entryKey({ ...entry, event: 'session-ended' }));
  });
});

describe('its records', () => {
  test('nothing was killed where nothing could be', () => {
    expect(recordsOf(entry)).toEqual([['disconnected', entry.facts]]);
  });

  test('an empty list says that nothing was killed', () => {
    expect(recordsOf({ ...entry, gone: { killed: [], ended: [] } })).toEqual([
      ['disconnected', { ...entry.facts, ended: [], killed: [] }],
    ]);
  });

  test.each([
    [40, 0, 1],
    [41, 0, 2],
    [81, 41, 3],
    [0, 41, 2],
  ])('%i killed and %i ended are in %i records, each once', (killed, ended, records) => {
    const made = recordsOf({ ...entry, gone: { killed: many(killed), ended: many(ended, 1000) } });
    expect(made).toHaveLength(records);
    const all = (name: string): unknown[] =>
      made.flatMap(([, fields]) => (fields[name] as { pid: number }[] | undefined) ?? []);
    expect(all('killed')).toEqual(many(killed).map(({ pid, uid, comm }) => ({ pid, uid, comm, ageSeconds: 2 })));
    expect(all('ended')).toHaveLength(ended);
    for (const [event, fields] of made.slice(1)) {
      expect(event).toBe('killed-too');
      expect(fields).toMatchObject({ of: 'disconnected', connection: 'C1' });
    }
  });
});

describe('what went', () => {
  test('is everything of two lists, once', () => {
    expect(withGone({ killed: many(2) }, { killed: many(2, 2) })).toEqual({ killed: [...many(1), ...many(2, 2)] });
    expect(withGone({ killed: [], ended: many(1) }, { killed: [] })).toEqual({ killed: [], ended: many(1) });
    expect(withGone({ killed: [] }, { killed: [], ended: many(1) })).toEqual({ killed: [], ended: many(1) });
  });

  test('is the one list where there is one', () => {
    expect(withGone(undefined, { killed: many(1) })).toEqual({ killed: many(1) });
    expect(withGone({ killed: many(1) }, undefined)).toEqual({ killed: many(1) });
    expect(withGone(undefined, undefined)).toBeUndefined();
  });
});

describe('what is owed', () => {
  const at = { ending: false, journalEnd: 100, now: 7 };

  test('is entered with what a later keeper needs, and with nothing else', () => {
    const { event, is, facts } = entry;
    expect(entryOf({ event, is, facts }, undefined, at)).toEqual({ event, is, facts, ending: false, from: 100, at: 7 });
    const whole = { event, is, facts, began: 'connected', redo: 'again', until: 9, gone: { killed: many(1) } };
    const entered = entryOf(whole, undefined, at);
    expect(entered).toEqual({ ...whole, ending: false, from: 100, at: 7 });
    expect(hasBegun(entered)).toEqual({ event, is, facts, ending: false, from: 100, at: 7, until: 9 });
    expect(hasBegun(entry)).toEqual({ event, is, facts, ending: false, from: 0, at: 5 });
  });

  test('keeps what was said first of its end', () => {
    const { event, is } = entry;
    const known = { ...entry, ending: true, facts: { connection: 'C1', why: 'revoked' } };
    const later = { event, is, facts: { connection: 'C1', why: 'found gone', login: 'alice' } };
    expect(entryOf(later, known, { ...at, ending: true })).toEqual({
      ...{ event, is, ending: true, from: 0, at: 5 },
      facts: { connection: 'C1', why: 'revoked', login: 'alice' },
    });
  });
});

describe('a record of the journal', () => {
  test.each([
    [{ event: 'disconnected', connection: 'C1' }, true],
    [{ event: 'killed-too', of: 'disconnected', connection: 'C1' }, true],
    [{ event: 'killed-too', of: 'session-ended', connection: 'C1' }, false],
    [{ event: 'disconnected', connection: 'C2' }, false],
    [{ event: 'connected', connection: 'C1' }, false],
  ])('%j is one of its own: %s', (record, own) => {
    expect(standsFor(entry, record)).toBe(own);
  });

  test('is its beginning, where it is not certain that it has begun', () => {
    expect(isBeginning(entry, { event: 'connected', connection: 'C1' })).toBe(true);
    expect(isBeginning(entry, { event: 'connected', connection: 'C2' })).toBe(false);
    expect(isBeginning(entry, { event: 'granted', connection: 'C1' })).toBe(false);
    const { event, is, facts, from, ending, at } = entry;
    expect(isBeginning({ event, is, facts, from, ending, at }, { event: 'connected', connection: 'C1' })).toBe(false);
  });
});
