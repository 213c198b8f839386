// Which records are one access, by their own ids and by nothing else.
import { describe, expect, test } from '@jest/globals';
import { AccessIds, isOver, isSignInOf, recordingsOf, shownOf } from '../../../../src/core/evidence/access.ts';
import { textOf, type Entry } from '../../../../src/core/journal-entry.ts';

const alice = { issuer: 'i', subject: 'alice' };
const requested = { event: 'requested', request: 'K7QF2M', who: alice };
const granted = { event: 'granted', request: 'K7QF2M', grant: 'G1' };
const connected = {
  event: 'connected',
  connection: 'C1',
  grant: 'G1',
  request: 'K7QF2M',
  server: 'S1',
  recording: 'x/C1.cast',
};
const extension = { event: 'requested', request: 'EXTEND', extends: { grant: 'G1', until: 1 } };

const found = (id: string, entries: readonly Entry[]): readonly Entry[] => {
  const ids = new AccessIds(id);
  for (let rounds = 0; rounds < entries.length; rounds += 1) for (const entry of entries) ids.learn(entry);
  return entries.filter((entry) => ids.owns(entry));
};

describe('an access', () => {
  const all = [requested, granted, connected, { event: 'disconnected', connection: 'C1' }, extension];

  test.each(['K7QF2M', 'G1', 'C1', 'EXTEND'])('is found whole by %s', (id) => {
    const other = { event: 'requested', request: 'ZZZZZZ', reason: 'as K7QF2M, G1, C1', extends: { grant: 'G9' } };
    expect(found(id, [...all, other, { event: 'refused', command: 'K7QF2M' }])).toEqual(all);
  });

  test('has the session that its connections used, and nobody who read it', () => {
    const ended = { event: 'session-ended', id: 'S1' };
    const more = [
      ended,
      { event: 'session-ended', id: 'S2' },
      { event: 'session-ended' },
      { event: 'killed-too', connection: 'C1' },
    ];
    const read = { event: 'recording-read', connection: 'C1', by: 'root' };
    expect(found('K7QF2M', [requested, connected, ...more, read])).toEqual([requested, connected, ended, more[3]]);
  });

  test('by break-glass has the request that its grant names', () => {
    const glass = { event: 'break-glass', grant: 'G7', code: 'AB' };
    const end = { event: 'grant-ended', request: 'GLASSAB' };
    expect(found('G7', [glass, end, { event: 'break-glass', grant: 'G8' }])).toEqual([glass, end]);
    expect(found('G8', [{ event: 'break-glass', grant: 'G8' }])).toHaveLength(1);
  });

  test('does not grow by another grant that a connection went over to', () => {
    const moved = { event: 'deadline-moved', connection: 'C1', grant: 'G5' };
    expect(found('K7QF2M', [requested, connected, moved, { event: 'granted', grant: 'G5' }, {}])).toEqual([
      requested,
      connected,
      moved,
    ]);
  });

  test('tells all ids for the next search', () => {
    const ids = new AccessIds('K7QF2M');
    expect([ids.all(), ids.learn({ event: 'granted', grant: 'G2' })]).toEqual([['K7QF2M'], false]);
    for (const entry of all) ids.learn(entry);
    expect(ids.all()).toEqual(['K7QF2M', 'K7QF2M', 'EXTEND', 'G1', 'C1', 'S1']);
  });
});

test('a text of a record', () => {
  expect([textOf({ a: 'b' }, 'a'), textOf({ a: 1 }, 'a'), textOf(null, 'a'), textOf('x', 'a')]).toEqual([
    'b',
    undefined,
    undefined,
    undefined,
  ]);
});

test.each<[boolean, readonly Entry[]]>([
  [true, [requested, granted, { event: 'grant-ended', grant: 'G1' }]],
  [true, [requested, { event: 'denied', request: 'K7QF2M' }]],
  [false, [requested]],
  [false, [requested, granted]],
  [false, [{ event: 'break-glass', grant: 'G1' }]],
  [false, [connected]],
  [true, [connected, { event: 'disconnected', connection: 'C1' }]],
])('over: %s', (over, entries) => {
  expect(isOver(entries)).toBe(over);
});

test('the sign-in of the person who asked', () => {
  const signIn = { event: 'sign-in', identity: { ...alice, claim: 'a' } };
  expect(isSignInOf(requested, signIn)).toBe(true);
  expect(isSignInOf(requested, { ...signIn, identity: { issuer: 'i', subject: 'bob' } })).toBe(false);
  expect(isSignInOf(requested, { ...signIn, event: 'proved-anew' })).toBe(false);
  expect(isSignInOf({}, { event: 'sign-in' })).toBe(false);
});

describe('recordings', () => {
  const range = (n: number): Entry => ({
    event: 'recording-range',
    connection: 'C1',
    range: n,
    to: (n + 1) * 9,
    sha256: `s${String(n)}`,
  });
  const closed = { event: 'recording-closed', connection: 'C1' };

  test('have their ranges in order, each once', () => {
    expect(recordingsOf([connected, range(0), range(1), range(1), { event: 'connected', connection: 'C2' }])).toEqual([
      {
        connection: 'C1',
        file: 'x/C1.cast',
        isClosed: false,
        isSealed: false,
        ranges: [
          { to: 9, sha256: 's0' },
          { to: 18, sha256: 's1' },
        ],
      },
      { connection: 'C2', file: '', isClosed: false, isSealed: false, ranges: [] },
    ]);
    expect(recordingsOf([connected, closed])[0]?.isClosed).toBe(true);
    expect(recordingsOf([connected, { ...closed, event: 'recording-sealed' }])[0]?.isSealed).toBe(true);
  });

  test('are shown by one record: that of their end, else the last range', () => {
    expect(shownOf([connected, range(0), range(1)])).toEqual([connected, range(1)]);
    expect(shownOf([connected, range(0), range(1), closed])).toEqual([connected, closed]);
  });
});
