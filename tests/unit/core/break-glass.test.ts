import { expect, test } from '@jest/globals';
import {
  glassPerson,
  glassShape,
  isBreakGlass,
  mostCodes,
  noGlass,
  pausedUntil,
  pauseMs,
  readCode,
  stateOf,
  withRoom,
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
  expect(glassShape({ codes: [code], wrong: [] })).toBeDefined();
});

test('after five wrong codes none is tried for a quarter of an hour; old ones do not count', () => {
  const wrong = (times: readonly number[]) => times.reduce((glass, at) => withWrong(glass, at), noGlass);
  expect(pausedUntil(noGlass, 0)).toBeUndefined();
  expect(pausedUntil(wrong([1, 2, 3, 4]), 5)).toBeUndefined();
  expect(pausedUntil(wrong([1, 2, 3, 4, 5]), 6)).toBe(5 + pauseMs);
  expect(pausedUntil(wrong([1, 2, 3, 4, 5]), 6 + pauseMs)).toBeUndefined();
  expect(pausedUntil(wrong([1, 2, 3, 4, pauseMs + 3]), pauseMs + 4)).toBeUndefined();
});

test('law 3: what a code opened is known as that, and no provider is called so', () => {
  const who = glassPerson('alice', 'K7QF');
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
