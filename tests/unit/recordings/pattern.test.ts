import { describe, expect, test } from '@jest/globals';
import { parsePattern, PatternFault } from '../../../src/recordings/search/pattern.ts';

describe('what find looks for', () => {
  test.each([
    ['DROP', '("DRO" AND "ROP")'],
    ['ab', undefined],
    ['a"bc', '("a""b" AND """bc")'],
    ['aaaa', '"aaa"'],
    ['漢字検', '"漢字検"'],
    [
      '/DROP .*(users|accounts)/',
      '(("DRO" AND "ROP" AND "OP ") AND (("use" AND "ser" AND "ers") OR ("acc" AND "cco" AND "cou" AND "oun" AND "unt" AND "nts")))',
    ],
    ['/ab|users/', undefined],
    ['/[0-9]{4}/', undefined],
    ['/(?i)users/', undefined],
  ])('%s is asked of the index as %s', (typed, query) => {
    expect(parsePattern(typed, false).narrowed).toBe(query);
  });

  test('of a long text only some threes are asked for', () => {
    const threes = parsePattern('abcdefghijklmnopqrstuvwxyz0123456789', false).narrowed?.split(' AND ') ?? [];
    expect(threes).toHaveLength(24);
    expect(threes[0]).toBe('("abc"');
  });

  test('where case does not count, threes with other letters than those of ASCII are not asked for', () => {
    expect(parsePattern('größe auf', true).narrowed).toBe('("e a" AND " au" AND "auf")');
    expect(parsePattern('größe', true).narrowed).toBeUndefined();
  });

  test.each(['', ' ', '\t'])('nothing is not looked for: "%s"', (typed) => {
    expect(() => parsePattern(typed, false)).toThrow(PatternFault);
  });

  test('an expression that RE2 does not know is refused, with what is wrong', () => {
    expect(() => parsePattern('/(a/', false)).toThrow('missing');
    expect(() => parsePattern('/(?=a)/', false)).toThrow(PatternFault);
  });

  test('a text with one slash, or without a closing one, is a text', () => {
    expect(parsePattern('/var/log', false).match('ls /var/log')).toEqual([3, 11]);
    expect(parsePattern('//', false).match('a // b')).toEqual([2, 4]);
  });

  test('characters that mean something to an expression are texts where case does not count', () => {
    expect(parsePattern('a.b*[c]', true).match('x A.B*[C]')).toEqual([2, 9]);
    expect(parsePattern('a.b', true).match('axb')).toBeUndefined();
  });
});
