import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { effectiveEnd, grantShape, latest, opens, type Grant } from '../../../src/core/grant.ts';
import { digest, person } from './sample.ts';

const grant: Grant = {
  id: 'G1',
  request: 'K7QF00',
  digest,
  host: 'prod-box',
  session: 'prod-db',
  who: person('alice'),
  reason: 'INC-1 look',
  approvers: [person('bob')],
  start: 1_000_000,
  end: 2_000_000,
};
const door = { host: 'prod-box', session: 'prod-db', login: 'alice' };
const live = (end: number, keyEnd: number) => ({ grant: { ...grant, end }, keyEnd });

describe('law 8: a grant', () => {
  test('opens one session of one host for one person under one login', () => {
    expect(opens(grant, door, grant.who, 1_500_000)).toBe(true);
    expect(opens(grant, { ...door, host: 'other' }, grant.who, 1_500_000)).toBe(false);
    expect(opens(grant, { ...door, session: 'other' }, grant.who, 1_500_000)).toBe(false);
    expect(opens(grant, { ...door, login: 'bob' }, grant.who, 1_500_000)).toBe(false);
    expect(opens(grant, door, person('bob'), 1_500_000)).toBe(false);
  });

  test('reads back as it was signed, and nothing else is one', () => {
    expect(grantShape(JSON.parse(JSON.stringify(grant)))).toEqual(grant);
    expect(grantShape({ ...grant, end: 'never' })).toBeUndefined();
    expect(grantShape({ ...grant, more: 1 })).toBeUndefined();
  });
});

describe('law 4: the window of a grant', () => {
  test('is over at its end exactly, and not open before its start but for a clock set back a little', () => {
    expect(opens(grant, door, grant.who, grant.end - 1)).toBe(true);
    expect(opens(grant, door, grant.who, grant.end)).toBe(false);
    expect(opens(grant, door, grant.who, grant.start - 5_000)).toBe(true);
    expect(opens(grant, door, grant.who, grant.start - 5_001)).toBe(false);
  });

  test('ends at the earlier of its signature and its key', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (end, keyEnd) => {
        expect(effectiveEnd(live(end, keyEnd))).toBe(Math.min(end, keyEnd));
      }),
    );
  });

  test('of several, the one that ends last is kept', () => {
    expect(latest([])).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1 }), (ends) => {
        const all = ends.map(([end, keyEnd]) => live(end, keyEnd));
        expect(effectiveEnd(latest(all)!)).toBe(Math.max(...all.map(effectiveEnd)));
      }),
    );
  });
});
