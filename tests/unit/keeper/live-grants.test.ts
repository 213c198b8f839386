import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Clocks } from '../../../src/core/deadline.ts';
import type { LiveGrant } from '../../../src/core/grant.ts';
import { openLiveGrants, type LiveGrants } from '../../../src/keeper/grants/live-grants.ts';
import { digest, person } from '../core/sample.ts';

const began = 1_000_000_000_000;
const alice = person('alice');
const door = { host: 'prod-box', session: 'prod-db', login: 'alice' };
let boot: number;
let book: LiveGrants;
let ends: string[];

function live(id: string, seconds: number, keySeconds = seconds): LiveGrant {
  const end = began + seconds * 1000;
  return {
    grant: {
      ...{ id, request: 'K7QF00', digest, ...door, who: alice, reason: 'INC-1', approvers: [person('bob')] },
      ...{ start: began, end },
    },
    keyEnd: began + keySeconds * 1000,
  };
}

beforeEach(() => {
  jest.useFakeTimers({ now: began });
  boot = 0;
  ends = [];
  book = openLiveGrants((): Clocks => ({ wall: Date.now(), boot: Date.now() - began + boot }));
  book.onEnd(({ live: { grant }, why }) => ends.push(`${grant.id} ${why}`));
});
afterEach(() => {
  book.close();
  jest.useRealTimers();
});

describe('law 4: the grants of a host', () => {
  test('each end at their own end, to the earlier of signature and key', () => {
    book.add(live('A', 60));
    book.add(live('B', 60, 30));
    jest.advanceTimersByTime(30_000);
    expect(ends).toEqual(['B expired']);
    expect(book.keeps('prod-db')).toBe(true);
    jest.advanceTimersByTime(29_999);
    expect(ends).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(ends).toEqual(['B expired', 'A expired']);
    expect(book.keeps('prod-db')).toBe(false);
  });

  test('end within two seconds when a clock jumps over their end', () => {
    book.add(live('A', 3600));
    boot = 3_600_020;
    jest.advanceTimersByTime(2_000);
    expect(ends).toEqual(['A expired']);
  });

  test('that are over already end at once', () => {
    book.add(live('A', -1));
    jest.advanceTimersByTime(1);
    expect(ends).toEqual(['A expired']);
  });

  test('overlap: the one that ends last is the one that counts, for this person at this door alone', () => {
    book.add(live('A', 60));
    book.add(live('B', 120));
    expect(book.latestFor(alice, door)?.grant.id).toBe('B');
    expect(book.latestFor(alice, door, ({ grant }) => grant.id === 'A')?.grant.id).toBe('A');
    expect(book.latestFor(person('bob'), door)).toBeUndefined();
    for (const other of [{ host: 'x' }, { session: 'x' }, { login: 'x' }])
      expect(book.latestFor(alice, { ...door, ...other })).toBeUndefined();
  });
});

test('a grant keeps a session for everyone, and somebody’s own for them alone', () => {
  book.add(live('A', 60));
  expect(book.keeps('prod-db')).toBe(true);
  expect(book.keeps('prod-db', alice)).toBe(true);
  expect(book.keeps('prod-log', alice)).toBe(false);
  for (const other of [person('bob'), { ...alice, login: 'x' }, { ...alice, subject: 'x' }])
    expect(book.keeps('prod-db', other)).toBe(false);
});

describe('law 5: a grant that was revoked', () => {
  test('ends now, once, and does not come back with a late read', () => {
    book.add(live('A', 60));
    expect(book.find('A')?.grant.id).toBe('A');
    book.remove('A', 'revoked', 'by bob');
    book.remove('A', 'revoked', 'by bob');
    book.add(live('A', 60));
    expect(ends).toEqual(['A revoked']);
    expect(book.all()).toEqual([]);
    jest.advanceTimersByTime(120_000);
    expect(ends).toEqual(['A revoked']);
  });
});

test('a closed book ends nothing any more', () => {
  book.add(live('A', 60));
  book.close();
  jest.advanceTimersByTime(120_000);
  expect(ends).toEqual([]);
});
