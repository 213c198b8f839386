import { describe, expect, test } from '@jest/globals';
import type { Grant } from '../../../src/core/grant.ts';
import {
  finished,
  breakGlassPerson,
  breakGlassShape,
  isBreakGlass,
  mostCodes,
  pausedUntil,
  pauseMs,
  readCode,
  stateOf,
  withGrant,
  withReviewed,
  withRoom,
  withUse,
  withVoided,
  withWrong,
  writeCode,
} from '../../../src/core/break-glass.ts';

const code = { id: 'K7QF', salt: '00', hash: '00', issuedAt: 1 };

test('a code is read as people write it: groups, any case, and look-alikes', () => {
  const shown = writeCode('K7QF', 'ABCD0123456789XY');
  expect(shown).toBe('K7QF-ABCD-0123-4567-89XY');
  expect(readCode(shown)).toEqual({ id: 'K7QF', secret: 'ABCD0123456789XY' });
  expect(readCode('k7qf abcd olil 4567 89xy')).toEqual({ id: 'K7QF', secret: 'ABCD0111456789XY' });
  for (const wrong of ['', 'K7QF', `${shown}0`, shown.replace('A', 'U'), `${shown.slice(0, -1)}é`])
    expect(readCode(wrong)).toBeUndefined();
  expect(writeCode('K7QF', '')).toBe('K7QF-');
});

test('a code is open, used or void, and used says more than void', () => {
  expect(stateOf(code)).toBe('open');
  expect(stateOf({ ...code, voided: true })).toBe('void');
  expect(stateOf({ ...code, voided: true, usedAt: 2 })).toBe('used');
  expect(breakGlassShape({ codes: [code], wrong: [] })).toBeDefined();
});

test('after five wrong codes of one login none of theirs is tried for a quarter of an hour; old ones do not count', () => {
  const wrong = (times: readonly number[]) => times.reduce<readonly number[]>((known, at) => withWrong(known, at), []);
  expect(pausedUntil([], 0)).toBeUndefined();
  expect(pausedUntil(wrong([1, 2, 3, 4]), 5)).toBeUndefined();
  expect(pausedUntil(wrong([1, 2, 3, 4, 5]), 6)).toBe(5 + pauseMs);
  expect(pausedUntil(wrong([1, 2, 3, 4, 5]), 6 + pauseMs)).toBeUndefined();
  expect(pausedUntil(wrong([1, 2, 3, 4, pauseMs + 3]), pauseMs + 4)).toBeUndefined();
});

describe('a use', () => {
  const use = { code: 'K7QF', login: 'alice', session: 'prod-db', grant: 'G1', at: 5, unfinished: true };
  const glass = { codes: [code] };

  test('uses the code up, waits for a review, and opens nothing twice', () => {
    const used = withUse(glass, use);
    expect(used).toEqual({ codes: [{ ...code, usedAt: 5, usedBy: 'alice' }], unreviewed: use });
    expect(withUse(used!, use)).toBeUndefined();
    expect(withUse({ codes: used!.codes }, use)).toBeUndefined();
    expect(withUse(withVoided(glass, undefined).state, use)).toBeUndefined();
    expect(withUse({ codes: [] }, use)).toBeUndefined();
  });

  test('is finished by its grant, which is forgotten after its end, or by nothing', () => {
    const used = withUse(glass, use)!;
    const grant = (id: string, end: number) => ({ id, end }) as unknown as Grant;
    const open = withGrant(used, grant('G1', 100), 10);
    expect(open).toMatchObject({ grants: [{ id: 'G1' }], unreviewed: { unfinished: false } });
    expect(withGrant(open, grant('G2', 300), 200).grants).toEqual([grant('G2', 300)]);
    expect(finished(glass)).toEqual(glass);
  });

  test('is looked at by its own grant alone', () => {
    const used = withUse(glass, use)!;
    expect(withReviewed(used, 'G2')).toBeUndefined();
    expect(withReviewed(glass, 'G1')).toBeUndefined();
    expect(withReviewed(used, 'G1')).toEqual({ codes: used.codes });
  });

  test('of codes that are open, one or all are voided', () => {
    const two = { codes: [code, { ...code, id: 'AAAA' }, { ...code, id: 'USED', usedAt: 1 }] };
    expect(withVoided(two, 'AAAA')).toMatchObject({ count: 1, state: { codes: [code, { voided: true }, {}] } });
    expect(withVoided(two, undefined).count).toBe(2);
    expect(withVoided(two, 'USED').count).toBe(0);
  });
});

test('law 3: what a code opened is known as that, and no provider is called so', () => {
  const who = breakGlassPerson('alice', 'K7QF');
  expect(isBreakGlass({ who })).toBe(true);
  expect(isBreakGlass({ who: { ...who, issuer: 'https://id.example.com' } })).toBe(false);
});

test('the oldest codes that open nothing any more make room for new ones; open codes never do', () => {
  const codes = Array.from({ length: mostCodes }, (_, n) => ({
    ...code,
    id: String(n),
    ...(n < 2 ? { usedAt: 1 } : {}),
  }));
  expect(withRoom(codes.slice(2), 2)).toEqual(codes.slice(2));
  expect(withRoom(codes, 1)).toEqual(codes.slice(1));
  expect(withRoom(codes, 2)).toEqual(codes.slice(2));
  expect(withRoom(codes, 3)).toBeUndefined();
});
